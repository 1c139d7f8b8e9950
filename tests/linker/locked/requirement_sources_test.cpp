#include "linker/locked/requirement_sources.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "store/requirement/requirement_location.hpp"
#include "tests/support/temp_dir.hpp"

using namespace cas;

namespace {

std::string named(const std::string& text) { return name_of_sources(parse_requirement_or_location(text)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(requirement_sources)

BOOST_AUTO_TEST_CASE(names_that_are_written_down_are_taken) {
  BOOST_TEST(named("My.Name @ https://example.org/whatever.zip") == "my-name");
  BOOST_TEST(named("git+https://example.org/x#egg=My_Name") == "my-name");
  BOOST_TEST(named("plain>=1").empty());
}

BOOST_AUTO_TEST_CASE(an_archive_is_called_like_its_package) {
  BOOST_TEST(named("https://example.org/My_Name-1.0.tar.gz?x=y#sha256=00") == "my-name");
  BOOST_TEST(named("./two-words-1.0.zip") == "two-words");
  BOOST_TEST(named("https://example.org/main.zip").empty());
  BOOST_TEST(named("https://example.org/my-branch.zip").empty());
  BOOST_TEST(named("https://example.org/-.zip").empty());
  BOOST_TEST(named("https://example.org/a-1.0-py3-none-any.whl").empty());
  BOOST_TEST(named("git+https://example.org/a-1.0.git").empty());
}

BOOST_AUTO_TEST_CASE(a_directory_says_it_in_its_project_file) {
  const test::TempDir temp;
  const std::string tree = temp / "tree";
  std::filesystem::create_directory(tree);
  BOOST_TEST(named(tree).empty());
  std::ofstream(tree + "/pyproject.toml") << "[project]\nname = 'My.Name'\n";
  BOOST_TEST(named(tree) == "my-name");
  BOOST_TEST(named("file://" + tree) == "my-name");
  std::ofstream(tree + "/pyproject.toml") << "[project\n";
  BOOST_TEST(named(tree).empty());
}

BOOST_AUTO_TEST_SUITE_END()
