#include "linker/installed/consistency.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "linker/locked/marker_facts.hpp"
#include "tests/linker/facts.hpp"
#include "tests/linker/installed/site_packages.hpp"

using namespace cas;
using test::SitePackages;
using Texts = std::vector<std::string>;

namespace {

Texts problems(const SitePackages& site) {
  const InterpreterFacts facts = test::cpython_facts(12);
  const InstalledEnvironment environment = site.read();
  const DependencyGraph graph(environment, marker_environment(facts, {"Linux", "6.1.0", "#1", "x86_64"}));
  Texts texts;
  for (const Inconsistency& one : find_inconsistencies(environment, graph, facts)) {
    texts.push_back(std::string(inconsistency_word(one.kind)) + ": " + one.text);
  }
  return texts;
}

std::pair<std::string, std::string> tags(const std::string& lines) { return {"WHEEL", "Wheel-Version: 1.0\n" + lines}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(consistency_tests)

BOOST_AUTO_TEST_CASE(what_fits_is_not_named) {
  SitePackages site;
  site.add("a", "1.0", "Requires-Python: >=3.8\nRequires-Dist: b>=1\n",
           {tags("Tag: cp310-cp310-manylinux_2_17_x86_64\nTag: cp312-cp312-manylinux_2_17_x86_64\n")});
  site.add("b", "1.0", "Requires-Python: what\n", {tags("")});
  BOOST_TEST(problems(site).empty());
}

BOOST_AUTO_TEST_CASE(requirements_are_looked_at) {
  SitePackages site;
  site.add("a", "1.0", "Requires-Dist: b<1\nRequires-Dist: c[x]\n");
  site.add("b", "1.0");
  site.add("c", "2", "Requires-Dist: d; extra == 'x'\n");
  BOOST_TEST(problems(site) == (Texts{"version: a 1.0 requires b<1, but b 1.0 is installed",
                                      "missing: c 2 [x] requires d; extra == \"x\", which is not installed"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_python_is_looked_at) {
  SitePackages site;
  site.add("a", "1.0", "Requires-Python: <3.12\n");
  site.add("b", "1.0", {}, {tags("Tag: cp311-cp311-linux_x86_64\n")});
  BOOST_TEST(
      problems(site) ==
          (Texts{"python: a 1.0 requires Python <3.12, and this is CPython 3.12.1",
                 "platform: b 1.0 is not for CPython 3.12.1 on linux-x86_64: it is for cp311-cp311-linux_x86_64"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(leftovers_are_found) {
  SitePackages site;
  site.add("a", "1.0");
  site.add("a", "2.0");
  make_directories(site / "b-1.0.dist-info");
  site.add("c", "1.0", "Requires-Dist: >>\n");
  const Texts found = problems(site);
  BOOST_REQUIRE(found.size() == 3U);
  BOOST_TEST(found[0].starts_with("duplicate: a is described twice: "));
  BOOST_TEST(found[1].starts_with("unreadable: c 1.0 has a requirement that cannot be read: "));
  BOOST_TEST(found[2] == "unreadable: lib/python3.12/site-packages/b-1.0.dist-info: has no METADATA");
}

BOOST_AUTO_TEST_SUITE_END()
