#include "store/sys/tree.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/support/child.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

struct TreeFixture : TempDir {
  Fd directory = open_directory(path());

  TreeFixture() {
    fs::create_directories(*this / "tree/a/b");
    write_test_file(*this / "tree/file", "1");
    write_test_file(*this / "tree/a/file", "22");
    write_test_file(*this / "tree/a/b/file", "333");
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tree_tests, TreeFixture)

BOOST_AUTO_TEST_CASE(a_tree_is_removed_and_counted) {
  const RemovedTree removed = remove_tree_at(directory.get(), "tree");
  BOOST_TEST(removed.files == 3U);
  BOOST_TEST(removed.directories == 3U);
  BOOST_TEST(removed.freed_bytes > 0U);
  BOOST_TEST(!exists(*this / "tree"));
}

BOOST_AUTO_TEST_CASE(what_does_not_exist_is_fine) {
  const RemovedTree removed = remove_tree_at(directory.get(), "nothing");
  BOOST_TEST(removed.files == 0U);
  BOOST_TEST(removed.directories == 0U);
}

BOOST_AUTO_TEST_CASE(a_single_file_is_removed) {
  BOOST_TEST(remove_tree_at(directory.get(), "tree/file").files == 1U);
  BOOST_TEST(!exists(*this / "tree/file"));
}

BOOST_AUTO_TEST_CASE(links_are_removed_and_not_followed) {
  fs::create_directory(*this / "precious");
  write_test_file(*this / "precious/file", "x");
  fs::create_directory_symlink(*this / "precious", *this / "tree/a/link");
  BOOST_TEST(remove_tree_at(directory.get(), "tree").files == 4U);
  BOOST_TEST(exists(*this / "precious/file"));
  fs::create_directory_symlink(*this / "precious", *this / "link");
  BOOST_TEST(remove_tree_at(directory.get(), "link").files == 1U);
  BOOST_TEST(exists(*this / "precious/file"));
}

BOOST_AUTO_TEST_CASE(a_file_with_another_name_frees_nothing) {
  fs::create_directory(*this / "links");
  fs::create_hard_link(*this / "tree/file", *this / "links/file");
  write_test_file(*this / "links/own", std::string(100'000, 'x'));
  const auto own =
      static_cast<std::uint64_t>(stat_path(*this / "links/own")->st_blocks + stat_path(*this / "links")->st_blocks) *
      512;
  const RemovedTree removed = remove_tree_at(directory.get(), "links");
  BOOST_TEST(removed.files == 2U);
  BOOST_TEST(removed.freed_bytes == own);
  BOOST_TEST(exists(*this / "tree/file"));
}

BOOST_AUTO_TEST_CASE(read_only_directories_are_no_obstacle) {
  ::chmod((*this / "tree/a/b").c_str(), 0555);
  ::chmod((*this / "tree/a").c_str(), 0555);
  ::chmod((*this / "tree").c_str(), 0555);
  ::chmod(path().c_str(), 0777);
  if (::geteuid() == 0) BOOST_REQUIRE(::lchown((*this / "tree").c_str(), 65534, 65534) == 0);
  if (::geteuid() == 0) {
    for (const char* name : {"tree/a", "tree/a/b"}) BOOST_REQUIRE(::lchown((*this / name).c_str(), 65534, 65534) == 0);
  }
  // Root may do everything: somebody else tries.
  BOOST_TEST(run_in_child([&] {
               become_stranger();
               static_cast<void>(remove_tree_at(directory.get(), "tree"));
             }) == 0);
  BOOST_TEST(!exists(*this / "tree"));
}

BOOST_AUTO_TEST_CASE(a_mount_inside_is_an_error_and_survives, *boost::unit_test::precondition(can_mount)) {
  BOOST_TEST(run_in_child([&] {
               mount_private_tmpfs(*this / "tree/a/b", "size=1m");
               write_test_file(*this / "tree/a/b/precious", "x");
               try {
                 static_cast<void>(remove_tree_at(directory.get(), "tree"));
                 expect(false, "a mount is an obstacle");
               } catch (const SystemError& error) {
                 expect(error.is(EBUSY), error.message());
               }
               expect(exists(*this / "tree/a/b/precious"), "the mounted file stays");
             }) == 0);
}

BOOST_AUTO_TEST_CASE(a_walk_sees_directories_before_their_contents) {
  fs::create_symlink("nowhere", *this / "tree/a/link");
  std::vector<std::string> seen;
  walk_tree(open_directory(*this / "tree").get(), [&](const std::string& name, const struct stat& info) {
    seen.push_back(name);
    BOOST_TEST(S_ISLNK(info.st_mode) == (name == "a/link"));
  });
  const auto at = [&](const std::string& name) { return std::find(seen.begin(), seen.end(), name) - seen.begin(); };
  BOOST_TEST(seen.size() == 6U);
  BOOST_TEST(at("a") < at("a/b"));
  BOOST_TEST(at("a/b") < at("a/b/file"));
}

BOOST_AUTO_TEST_SUITE_END()
