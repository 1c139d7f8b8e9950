#include "linker/installed/installed_packages.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "store/base/error.hpp"
#include "tests/linker/installed/site_packages.hpp"

using namespace cas;
using test::SitePackages;

namespace {

std::vector<std::string> names(const InstalledEnvironment& environment) {
  std::vector<std::string> result;
  for (const InstalledDistribution& one : environment.distributions) result.push_back(one.name + " " + one.version);
  return result;
}

// One text that cannot be read, with this in it.
void expect_unreadable(const SitePackages& site, const std::string& part) {
  const InstalledEnvironment environment = site.read();
  BOOST_TEST(environment.distributions.empty());
  BOOST_REQUIRE(environment.unreadable.size() == 1U);
  BOOST_TEST_CONTEXT(environment.unreadable.front()) {
    BOOST_TEST(environment.unreadable.front().find(part) != std::string::npos);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(installed_packages_tests)

BOOST_AUTO_TEST_CASE(everything_that_is_written_down_is_read) {
  SitePackages site;
  site.add("Demo_App", "1.0.post1",
           "Requires-Python: >=3.8\nRequires-Dist: six\nRequires-Dist: b; extra == 'x'\n\nText: no\n",
           {{"INSTALLER", "pip\n"},
            {"REQUESTED", ""},
            {"direct_url.json", R"({"url": "file:///demo", "dir_info": {}})"},
            {"WHEEL", "Wheel-Version: 1.0\nTag: py2-none-any\nTag: py3-none-any\n"}});
  const InstalledEnvironment environment = site.read();
  BOOST_TEST(environment.path == site.path());
  BOOST_TEST(environment.site_packages == "lib/python3.12/site-packages");
  BOOST_TEST(environment.python_version == "3.12.1");
  BOOST_TEST(environment.unreadable.empty());
  BOOST_REQUIRE(environment.distributions.size() == 1U);
  const InstalledDistribution& one = environment.distributions.front();
  BOOST_TEST(one.name == "Demo_App");
  BOOST_TEST(one.normalized == "demo-app");
  BOOST_TEST(one.version == "1.0.post1");
  BOOST_TEST(one.requires_python == ">=3.8");
  BOOST_TEST(one.requires_dist == (std::vector<std::string>{"six", "b; extra == 'x'"}),
             boost::test_tools::per_element());
  BOOST_TEST(one.requested);
  BOOST_TEST(one.installer == "pip");
  BOOST_REQUIRE(one.direct_url.has_value());
  BOOST_TEST(one.direct_url->url == "file:///demo");
  BOOST_TEST(one.info_path == "lib/python3.12/site-packages/Demo_App-1.0.post1.dist-info");
  BOOST_TEST(find_installed(environment, "DEMO.APP") == &one);
  BOOST_TEST(find_installed(environment, "other") == nullptr);
  BOOST_TEST(wheel_tags_of(environment, one) == (std::vector<std::string>{"py2-none-any", "py3-none-any"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_order_is_that_of_names_without_regard_to_case) {
  SitePackages site;
  for (const char* name : {"b", "Zed", "A", "a-b", "C"}) site.add(name, "1");
  BOOST_TEST(names(site.read()) == (std::vector<std::string>{"A 1", "a-b 1", "b 1", "C 1", "Zed 1"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(old_descriptions_are_named) {
  SitePackages site;
  SitePackages::write(site / "old-1.0-py3.12.egg-info", "Metadata-Version: 1.0\nName: old\nVersion: 1.0\n");
  make_directories(site / "older.egg-info");
  SitePackages::write(site / "older.egg-info/PKG-INFO", "Metadata-Version: 1.0\nName: older\nVersion: 0.1\n");
  BOOST_TEST(names(site.read()) == (std::vector<std::string>{"old 1.0", "older 0.1"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_link_is_followed) {
  SitePackages other;
  other.add("secret", "1.0");
  SitePackages site;
  make_symlink_at(other / "secret-1.0.dist-info", kCurrentDirectory, site / "secret-1.0.dist-info");
  expect_unreadable(site, "neither a directory nor a file");
}

BOOST_AUTO_TEST_CASE(a_linked_description_does_not_count) {
  SitePackages other;
  other.add("secret", "1.0");
  SitePackages site;
  make_directories(site / "a-1.0.dist-info");
  make_symlink_at(other / "secret-1.0.dist-info/METADATA", kCurrentDirectory, site / "a-1.0.dist-info/METADATA");
  expect_unreadable(site, "a-1.0.dist-info: has no METADATA");
}

BOOST_AUTO_TEST_CASE(site_packages_behind_a_link_is_not_this_environment_s) {
  SitePackages other;
  other.add("secret", "1.0");
  const test::TempDir dir;
  make_directories(dir / "env/lib/python3.12");
  SitePackages::write(dir / "env/pyvenv.cfg", "version = 3.12.1\n");
  make_symlink_at(other / "", kCurrentDirectory, dir / "env/lib/python3.12/site-packages");
  BOOST_CHECK_THROW((void)read_installed(dir / "env"), Error);
}

// As a FIFO would.
BOOST_AUTO_TEST_CASE(nothing_waits) {
  SitePackages site;
  make_directories(site / "a-1.0.dist-info");
  BOOST_REQUIRE(::mkfifo((site / "a-1.0.dist-info/METADATA").c_str(), 0644) == 0);
  expect_unreadable(site, "has no METADATA");
}

BOOST_AUTO_TEST_CASE(names_are_names) {
  SitePackages site;
  make_directories(site / "~ip-1.0.dist-info");
  SitePackages::write(site / "~ip-1.0.dist-info/METADATA", "Name: ~ip\nVersion: 1.0\n");
  expect_unreadable(site, "no valid Name");
}

BOOST_AUTO_TEST_CASE(versions_are_there) {
  SitePackages site;
  make_directories(site / "a-1.0.dist-info");
  SitePackages::write(site / "a-1.0.dist-info/METADATA", "Name: a\n");
  expect_unreadable(site, "no Version");
}

BOOST_AUTO_TEST_CASE(development_installs_are_said) {
  SitePackages site;
  SitePackages::write(site / "a.egg-link", "/src\n");
  const InstalledEnvironment environment = site.read();
  BOOST_TEST(environment.unreadable.empty());
  BOOST_REQUIRE(environment.passed_over.size() == 1U);
  BOOST_TEST(environment.passed_over.front().find("a.egg-link: a development install") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_direct_url_that_is_none_does_not_count) {
  SitePackages site;
  site.add("a", "1.0", {}, {{"direct_url.json", "{"}});
  const InstalledEnvironment environment = site.read();
  BOOST_REQUIRE(environment.distributions.size() == 1U);
  BOOST_TEST(!environment.distributions.front().direct_url.has_value());
  BOOST_TEST(environment.unreadable.size() == 1U);
}

// 5 MiB of headers; a description of that size is not even read.
BOOST_AUTO_TEST_CASE(headers_have_a_limit_and_descriptions_do_not_count) {
  SitePackages site;
  site.add("long", "1.0", "\n" + std::string(std::size_t{5} << 20, 'x'));
  BOOST_TEST(names(site.read()) == std::vector<std::string>{"long 1.0"}, boost::test_tools::per_element());
  SitePackages hostile;
  hostile.add("long", "1.0", "Summary: " + std::string(std::size_t{5} << 20, 'x') + "\n");
  expect_unreadable(hostile, "4 MiB");
}

BOOST_AUTO_TEST_CASE(headers_end_where_they_end_whatever_a_piece_s_size) {
  for (const std::size_t size : {16'300U, 16'384U, 16'400U, 70'000U}) {
    SitePackages site;
    site.add("a", "1.0", "Summary: " + std::string(size, 'x') + "\nRequires-Dist: six\n\nRequires-Dist: none\n");
    const InstalledEnvironment environment = site.read();
    BOOST_REQUIRE(environment.distributions.size() == 1U);
    BOOST_TEST(environment.distributions.front().requires_dist == std::vector<std::string>{"six"},
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(the_version_is_whose_writes_it) {
  BOOST_TEST(SitePackages("python3.11", "version_info = 3.11.7.final.0\n").read().python_version == "3.11.7");
  BOOST_TEST(SitePackages("pypy3.10", "version_info = 3.10.14\n").read().site_packages == "lib/pypy3.10/site-packages");
  BOOST_TEST(SitePackages("python3.13t", "version = 3.13.0\n").read().site_packages == "lib/python3.13t/site-packages");
  BOOST_TEST(SitePackages("python3.9", "home = /usr/bin\n").read().python_version == "3.9");
}

BOOST_AUTO_TEST_CASE(of_several_pythons_that_of_pyvenv_cfg_counts) {
  SitePackages site("python3.9", "version = 3.12.1\n");
  site.add("old", "1.0");
  make_directories(site.path() + "/lib/python3.12/site-packages");
  BOOST_TEST(site.read().distributions.empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_environment_is_refused) {
  const test::TempDir dir;
  BOOST_CHECK_THROW((void)read_installed(dir / "absent"), NotFound);
  BOOST_CHECK_THROW((void)read_installed(dir.path()), Error);
  SitePackages::write(dir / "pyvenv.cfg", "version = 3.12.1\n");
  BOOST_CHECK_THROW((void)read_installed(dir.path()), Error);
}

BOOST_AUTO_TEST_SUITE_END()
