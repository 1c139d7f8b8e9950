#include "store/sys/glob.hpp"

#include <boost/filesystem.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "store/base/error.hpp"

namespace cas {
namespace {

namespace fs = boost::filesystem;

// A directory with two wheels, a hidden one, something else, and a folder with a third wheel.
struct Folder {
  Folder() : path((fs::temp_directory_path() / fs::unique_path("cas-glob-%%%%%%%%")).string()) {
    fs::create_directories(path + "/inner");
    for (const char* name : {"/b-1.whl", "/a-1.whl", "/.hidden.whl", "/notes.txt", "/inner/c-1.whl"}) {
      std::ofstream(path + name) << "x";
    }
  }
  ~Folder() {
    boost::system::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(glob)

BOOST_AUTO_TEST_CASE(patterns_are_told_from_names) {
  BOOST_TEST(is_glob_pattern("a*.whl"));
  BOOST_TEST(is_glob_pattern("a?.whl"));
  BOOST_TEST(is_glob_pattern("a[12].whl"));
  BOOST_TEST(!is_glob_pattern("a-1.whl"));
}

BOOST_FIXTURE_TEST_CASE(matches_are_sorted_and_leave_hidden_files_out, Folder) {
  const std::vector<std::string> expected = {path + "/a-1.whl", path + "/b-1.whl"};
  BOOST_TEST(expand_glob(path + "/*.whl") == expected, boost::test_tools::per_element());
  BOOST_TEST(expand_glob(path + "/[bx]-?.whl").size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_pattern_without_match_gives_nothing, Folder) {
  BOOST_TEST(expand_glob(path + "/*.egg").empty());
  BOOST_TEST(expand_glob(path + "/none/*.whl").empty());
}

BOOST_FIXTURE_TEST_CASE(entries_by_suffix_are_those_of_one_directory, Folder) {
  const std::vector<std::string> expected = {path + "/a-1.whl", path + "/b-1.whl"};
  BOOST_TEST(entries_with_suffix(path, ".whl") == expected, boost::test_tools::per_element());
  BOOST_TEST(entries_with_suffix(path + "/", ".whl") == expected, boost::test_tools::per_element());
  BOOST_CHECK_THROW((void)entries_with_suffix(path + "/none", ".whl"), SystemError);
}

BOOST_FIXTURE_TEST_CASE(a_symbolic_link_to_a_directory_is_followed, Folder) {
  fs::create_symlink(path, path + "-link");
  BOOST_TEST(entries_with_suffix(path + "-link", ".whl").size() == 2u);
  BOOST_TEST((kind_of_path(path + "-link") == PathKind::directory));
  fs::remove(path + "-link");
}

BOOST_FIXTURE_TEST_CASE(kinds_of_paths, Folder) {
  BOOST_TEST((kind_of_path(path) == PathKind::directory));
  BOOST_TEST((kind_of_path(path + "/a-1.whl") == PathKind::file));
  BOOST_TEST(!kind_of_path(path + "/none").has_value());
  BOOST_TEST(!kind_of_path(path + "/a-1.whl/none").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cas
