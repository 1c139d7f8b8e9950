#include "store/sys/output_file.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <thread>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

BOOST_FIXTURE_TEST_SUITE(output_file_tests, TempDir)

BOOST_AUTO_TEST_CASE(a_new_file_has_what_the_umask_leaves) {
  write_output_file(*this / "new", "text");
  BOOST_TEST(slurp(*this / "new") == "text");
  BOOST_TEST((stat_path(*this / "new")->st_mode & 07777) == (0666U & ~process_umask()));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_replaced_keeps_its_permissions) {
  write_test_file(*this / "old", "before");
  fs::permissions(*this / "old", fs::perms(0600));
  write_output_file(*this / "old", "after");
  BOOST_TEST(slurp(*this / "old") == "after");
  BOOST_TEST((stat_path(*this / "old")->st_mode & 07777) == 0600U);
}

BOOST_AUTO_TEST_CASE(links_are_followed_also_to_what_is_not_there) {
  fs::create_directory(*this / "sub");
  fs::create_symlink("sub/target", *this / "link");
  for (const std::string text : {"first", "second"}) {
    write_output_file(*this / "link", text);
    BOOST_TEST(fs::is_symlink(*this / "link"));
    BOOST_TEST(slurp(*this / "sub/target") == text);
  }
  fs::create_symlink("loop", *this / "loop");
  BOOST_CHECK_THROW(write_output_file(*this / "loop", "x"), SystemError);
}

BOOST_AUTO_TEST_CASE(a_fifo_is_written_into) {
  const std::string fifo = *this / "fifo";
  BOOST_REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  std::string read;
  std::thread reader([&] { read = slurp(fifo); });
  write_output_file(fifo, "through it");
  reader.join();
  BOOST_TEST(read == "through it");
  BOOST_TEST(fs::is_fifo(fifo));
}

BOOST_AUTO_TEST_CASE(a_device_stays_one) {
  BOOST_CHECK_THROW(write_output_file("/dev/full", "x"), SystemError);
  write_output_file("/dev/null", "x");
  BOOST_TEST(fs::is_character_file("/dev/null"));
}

BOOST_AUTO_TEST_CASE(a_directory_is_refused) { BOOST_CHECK_THROW(write_output_file(path(), "x"), SystemError); }

BOOST_AUTO_TEST_SUITE_END()
