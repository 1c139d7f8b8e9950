#include "store/sys/write_out.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

// What it is for cannot be seen without a crash: tests/power sees it.
BOOST_FIXTURE_TEST_SUITE(write_out_tests, TempDir)

BOOST_AUTO_TEST_CASE(every_kind_of_entry_is_accepted_in_any_number) {
  const Fd directory = open_directory(path());
  std::vector<std::string> paths{"missing", "link", "directory", "empty"};
  make_symlink_at("nowhere", directory.get(), "link");
  make_directory_at(directory.get(), "directory", 0755);
  write_new_file_at(directory.get(), "empty", "", 0644);
  for (int i = 0; i < 150; ++i) {
    paths.push_back("directory/" + std::to_string(i));
    write_new_file_at(directory.get(), paths.back(), "content", 0444);
  }
  BOOST_CHECK_NO_THROW(write_out_at(directory.get(), paths));
  BOOST_TEST(slurp(*this / "directory/149") == "content");
}

BOOST_AUTO_TEST_CASE(no_descriptor_is_an_error) { BOOST_CHECK_THROW(write_out(-1, "file"), SystemError); }

BOOST_AUTO_TEST_SUITE_END()
