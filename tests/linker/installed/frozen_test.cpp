#include "linker/installed/frozen.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "tests/linker/installed/site_packages.hpp"

using namespace cas;
using test::SitePackages;

namespace {

std::vector<std::string> lines(const InstalledEnvironment& environment) {
  std::vector<std::string> result;
  for (const FrozenRequirement& one : frozen_requirements(environment)) {
    if (!one.comment.empty()) result.push_back(one.comment);
    result.push_back(one.requirement);
  }
  return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(frozen_tests)

BOOST_AUTO_TEST_CASE(versions_are_normalised_and_names_are_not) {
  SitePackages site;
  site.add("Typing_Extensions", "4.0-1");
  site.add("old", "2004d-x");
  BOOST_TEST(lines(site.read()) == (std::vector<std::string>{"old===2004d-x", "Typing_Extensions==4.0.post1"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(origins_are_spelled_as_pip_spells_them) {
  SitePackages site;
  site.add("a", "1", {}, {{"direct_url.json", R"({"url": "https://example.org/a.zip", "subdirectory": "py",
      "archive_info": {"hash": "sha256=00"}})"}});
  site.add("b", "1", {}, {{"direct_url.json", R"({"url": "https://example.org/b.git", "subdirectory": "py",
      "vcs_info": {"vcs": "git", "commit_id": "abc"}})"}});
  site.add("c", "1", {}, {{"direct_url.json", R"({"url": "file:///src/c", "dir_info": {}})"}});
  site.add("d", "1", {}, {{"direct_url.json", R"({"url": "file:///src/d%20d", "dir_info": {"editable": true}})"}});
  BOOST_TEST(lines(site.read()) ==
                 (std::vector<std::string>{"a @ https://example.org/a.zip#sha256=00&subdirectory=py",
                                           "b @ git+https://example.org/b.git@abc#subdirectory=py", "c @ file:///src/c",
                                           "# Editable install with no version control (d==1)", "-e /src/d d"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(version_control_is_said_and_not_asked) {
  SitePackages site;
  make_directories(site.dir / "src/.git");
  make_directories(site.dir / "src/python");
  site.add("a", "1", {},
           {{"direct_url.json",
             R"({"url": "file://)" + (site.dir / "src/python") + R"(", "dir_info": {"editable": true}})"}});
  BOOST_TEST(
      lines(site.read()) == (std::vector<std::string>{"# Editable install whose version control was not asked (a==1)",
                                                      "-e " + (site.dir / "src/python")}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_name_comes_once) {
  SitePackages site;
  site.add("a", "1");
  site.add("a", "2");
  BOOST_TEST(lines(site.read()).size() == 1U);
}

BOOST_AUTO_TEST_CASE(tools_are_told_by_the_python) {
  const auto is_tool = [](const std::string& name, const std::string& python) {
    InstalledDistribution one;
    one.normalized = name;
    return is_packaging_tool(one, python);
  };
  BOOST_TEST(is_tool("pip", "3.12.1"));
  BOOST_TEST(is_tool("pip", ""));
  BOOST_TEST(!is_tool("setuptools", "3.12"));
  BOOST_TEST(is_tool("setuptools", "3.11.9"));
  BOOST_TEST(is_tool("wheel", "3.9"));
  BOOST_TEST(!is_tool("six", "3.9"));
}

BOOST_AUTO_TEST_SUITE_END()
