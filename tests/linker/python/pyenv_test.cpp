#include "linker/python/pyenv.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.hpp"

using namespace cas;
namespace fs = std::filesystem;

namespace {

struct PyenvFixture {
  test::TempDir dir;
  std::string root = dir / "pyenv";
  PythonSurroundings surroundings;

  PyenvFixture() {
    for (const char* version : {"3.9.18", "3.12.1", "3.12.10", "3.12.2", "3.13.0rc1", "pypy3.10-7.3.15", "work"}) {
      fs::create_directories(root + "/versions/" + version + "/bin");
    }
    fs::create_directories(dir / "project/sub");
    surroundings.directory = dir / "project/sub";
    surroundings.variables["PYENV_ROOT"] = root;
  }
  void write(const std::string& path, const std::string& text) const { std::ofstream(path) << text; }
  // Names below versions/; "-" for what is not installed, "system" as such.
  std::vector<std::string> chosen() const {
    std::vector<std::string> names;
    for (const PyenvChoice& choice : pyenv_choices(root, surroundings)) {
      names.push_back(choice.version == "system" ? "system"
                      : choice.prefix.empty()    ? "-"
                                                 : choice.prefix.substr(root.size() + 10));
    }
    return names;
  }
};

using Names = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pyenv_tests, PyenvFixture)

BOOST_AUTO_TEST_CASE(nearest_selection_wins) {
  BOOST_TEST(chosen().empty());
  write(root + "/version", "3.9.18\n");
  BOOST_TEST(chosen() == Names{"3.9.18"});
  write(dir / "project/.python-version", "# a word\n\n  3.12.1  # why\r\nwork\n");
  BOOST_TEST((chosen() == Names{"3.12.1", "work"}));
  BOOST_TEST(pyenv_choices(root, surroundings).front().origin == dir / "project/.python-version");
  write(dir / "project/sub/.python-version", "system\n3.9.18\n");
  BOOST_TEST((chosen() == Names{"system", "3.9.18"}));
  surroundings.variables["PYENV_VERSION"] = "3.12.2:3.9.18";
  BOOST_TEST((chosen() == Names{"3.12.2", "3.9.18"}));
  surroundings.variables["PYENV_VERSION"] = "";
  BOOST_TEST((chosen() == Names{"system", "3.9.18"}));
}

BOOST_AUTO_TEST_CASE(short_versions_mean_the_newest_release) {
  surroundings.variables["PYENV_VERSION"] = "3.12:3:python-3.9.18:3.13:3.99:python-3.12";
  BOOST_TEST((chosen() == Names{"3.12.10", "3.12.10", "3.9.18", "-", "-", "3.12.10"}));
}

BOOST_AUTO_TEST_CASE(selections_do_not_leave_the_folder) {
  fs::create_directories(root + "/outside/bin");
  surroundings.variables["PYENV_VERSION"] = "../outside:/etc:..:.:3.9.18/../../outside";
  BOOST_TEST(chosen().empty());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_counts_as_absent) {
  write(root + "/version", "3.9.18\n");
  fs::create_directory(dir / "project/sub/.python-version");
  BOOST_TEST(chosen() == Names{"3.9.18"});
  write(dir / "project/.python-version", std::string(100'000, 'x'));
  BOOST_TEST(chosen() == Names{"3.9.18"});
  surroundings.directory = dir / "removed/deeper";
  BOOST_TEST(chosen() == Names{"3.9.18"});
}

BOOST_AUTO_TEST_CASE(versions_are_sorted_newest_first) {
  BOOST_TEST(
      (pyenv_versions(root) == Names{"3.13.0rc1", "3.12.10", "3.12.2", "3.12.1", "3.9.18", "pypy3.10-7.3.15", "work"}));
  BOOST_TEST(pyenv_versions(dir / "nowhere").empty());
}

BOOST_AUTO_TEST_CASE(shims_are_told_by_their_folder) {
  BOOST_TEST(!root_of_shims(root + "/shims/x"));
  BOOST_TEST(root_of_shims(root + "/shims").value_or("") == root);
  BOOST_TEST(!root_of_shims(dir / "project/shims"));
  BOOST_TEST(!root_of_shims(root + "/versions"));
  surroundings.variables.erase("PYENV_ROOT");
  BOOST_TEST(pyenv_root(surroundings).empty());
  surroundings.home = "/home/me";
  BOOST_TEST(pyenv_root(surroundings) == "/home/me/.pyenv");
}

BOOST_AUTO_TEST_SUITE_END()
