#include "store/sys/publish.hpp"

#include <sys/stat.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace data = boost::unit_test::data;
namespace fs = std::filesystem;

BOOST_FIXTURE_TEST_SUITE(publish_tests, TempDir)

BOOST_AUTO_TEST_CASE(a_staging_directory_vanishes_with_its_contents) {
  std::string staging_path;
  {
    const StagingDirectory staging(path());
    staging_path = staging.path();
    write_new_file_at(staging.fd(), "file", "x", 0444);
    fs::create_directories(staging_path + "/deep/er");
    BOOST_TEST(fs::is_directory(staging_path));
  }
  BOOST_TEST(!exists(staging_path));
}

BOOST_AUTO_TEST_CASE(only_dead_staging_is_removed) {
  const StagingDirectory living(path());
  fs::create_directories(*this / "dead/with/contents");
  write_test_file(*this / "a file", "x");
  BOOST_TEST(remove_dead_staging(path()) == 2U);
  BOOST_TEST(names_in(path()).size() == 1U);
  BOOST_TEST(exists(living.path()));
}

BOOST_DATA_TEST_CASE_F(TempDir, a_file_is_published_whole,
                       data::make({Durability::none, Durability::batch, Durability::strict}), durability) {
  publish_file(path(), "name", "first", 0444, durability);
  BOOST_TEST(slurp(*this / "name") == "first");
  BOOST_TEST((stat_path(*this / "name")->st_mode & 07777) == 0444U);
  publish_file(path(), "name", "second", 0600, durability);
  BOOST_TEST(slurp(*this / "name") == "second");
  BOOST_TEST((names_in(path()) == std::vector<std::string>{"name"}));
}

BOOST_AUTO_TEST_CASE(a_file_published_in_order_is_whole) {
  publish_file_in_order(path(), "name", "first", 0444);
  publish_file_in_order(path(), "name", "second", 0600);
  BOOST_TEST(slurp(*this / "name") == "second");
  BOOST_TEST((stat_path(*this / "name")->st_mode & 07777) == 0600U);
  BOOST_TEST((names_in(path()) == std::vector<std::string>{"name"}));
}

BOOST_AUTO_TEST_CASE(publishing_that_fails_leaves_nothing) {
  fs::create_directories(*this / "name/occupied");
  BOOST_CHECK_THROW(publish_file_in_order(path(), "name", "bytes", 0444), SystemError);
  BOOST_CHECK_THROW(publish_file(path(), "name", "bytes", 0444, Durability::none), SystemError);
  BOOST_TEST((names_in(path()) == std::vector<std::string>{"name"}));
}

BOOST_AUTO_TEST_SUITE_END()
