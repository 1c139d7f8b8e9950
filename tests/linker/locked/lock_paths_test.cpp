#include "linker/locked/lock_paths.hpp"

#include <boost/test/unit_test.hpp>

#include "store/requirement/requirement_location.hpp"
#include "store/sys/file.hpp"

using namespace cas;

namespace {

ListedRequirement listed(const std::string& text) {
  ListedRequirement one;
  one.requirement = parse_requirement_or_location(text);
  return one;
}

LockedPackage directory(const std::string& path) {
  LockedPackage package;
  package.directory = LockedDirectory{path, true, {}};
  return package;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lock_paths_tests)

BOOST_AUTO_TEST_CASE(what_was_named_relatively_is_relative_to_the_lock) {
  const std::string here = absolute_path(".");
  Pylock lock;
  lock.packages = {directory(here + "/sub/tree"), directory(here), directory(here + "/other"), {}, {}};
  lock.packages[3].archive.emplace().url = "file://" + here + "/a-1.0.zip";
  lock.packages[4].archive.emplace().path = here + "/b-1.0.zip";
  make_named_paths_relative(
      lock, {listed("./sub/tree"), listed("."), listed(here + "/other"), listed("./a-1.0.zip"), listed("./b-1.0.zip")},
      here + "/locks");
  BOOST_TEST(lock.packages[0].directory->path == "../sub/tree");
  BOOST_TEST(lock.packages[1].directory->path == "..");
  BOOST_TEST(lock.packages[2].directory->path == here + "/other");
  BOOST_TEST(lock.packages[3].archive->path == "../a-1.0.zip");
  BOOST_TEST(lock.packages[3].archive->url.empty());
  BOOST_TEST(lock.packages[4].archive->path == "../b-1.0.zip");
  make_named_paths_relative(lock, {}, here);
  BOOST_TEST(lock.packages[1].directory->path == "..");
}

BOOST_AUTO_TEST_CASE(beside_the_lock_it_is_the_directory_itself) {
  const std::string here = absolute_path(".");
  Pylock lock;
  lock.packages = {directory(here), directory(here + "/x")};
  make_named_paths_relative(lock, {listed("."), listed("./x")}, here);
  BOOST_TEST(lock.packages[0].directory->path == ".");
  BOOST_TEST(lock.packages[1].directory->path == "x");
}

BOOST_AUTO_TEST_SUITE_END()
