#include "linker/installed/dependency_graph.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "linker/locked/marker_facts.hpp"
#include "tests/linker/facts.hpp"
#include "tests/linker/installed/site_packages.hpp"

using namespace cas;
using test::SitePackages;
using Names = std::vector<std::string>;

namespace {

MarkerEnvironment facts() { return marker_environment(test::cpython_facts(12), {"Linux", "6.1.0", "#1", "x86_64"}); }

InstalledDistribution package(const std::string& name, const Names& requires_dist = {}, bool requested = false,
                              const std::string& version = "1.0") {
  InstalledDistribution one;
  one.name = one.normalized = name;
  one.version = version;
  one.requires_dist = requires_dist;
  one.requested = requested;
  return one;
}

Names names(const DependencyGraph& graph, const std::vector<std::size_t>& nodes) {
  Names result;
  for (const std::size_t node : nodes) result.push_back(graph.at(node).name);
  return result;
}

// "name state [extra]" of what `name` needs.
Names needs(const DependencyGraph& graph, const std::string& name) {
  Names result;
  for (const Dependency& dependency : graph.dependencies(*graph.find(name))) {
    std::string text = dependency.requirement.name;
    text += dependency.state == DependencyState::missing       ? " missing"
            : dependency.state == DependencyState::conflicting ? " conflicting"
                                                               : " satisfied";
    if (!dependency.extra.empty()) text += " " + dependency.extra;
    result.push_back(std::move(text));
  }
  return result;
}

InstalledEnvironment environment(std::vector<InstalledDistribution> distributions) {
  InstalledEnvironment result;
  result.distributions = std::move(distributions);
  return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dependency_graph_tests)

BOOST_AUTO_TEST_CASE(states_are_told) {
  const auto all =
      environment({package("a", {"b>=1", "c>=2", "d", "b<0.5; python_version < '3'"}), package("b"), package("c"),
                   package("old", {"bad"}), package("bad", {}, false, "what"), package("strict", {"bad>=1"})});
  const DependencyGraph graph(all, facts());
  BOOST_TEST(needs(graph, "a") == (Names{"b satisfied", "c conflicting", "d missing"}),
             boost::test_tools::per_element());
  BOOST_TEST(needs(graph, "old") == Names{"bad satisfied"}, boost::test_tools::per_element());
  BOOST_TEST(needs(graph, "strict") == Names{"bad conflicting"}, boost::test_tools::per_element());
  BOOST_TEST(names(graph, graph.dependents(*graph.find("b"))) == Names{"a"}, boost::test_tools::per_element());
}

// As Requires-Python and pip check have it: what is installed was chosen already.
BOOST_AUTO_TEST_CASE(prereleases_count_like_others) {
  const auto all = environment({package("a", {"b>=1"}), package("b", {}, false, "2.0rc1")});
  BOOST_TEST(needs(DependencyGraph(all, facts()), "a") == Names{"b satisfied"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_extra_counts_where_somebody_asks_for_it) {
  const auto all =
      environment({package("a", {"b[fast,Other_One]"}),
                   package("b", {"c; extra == 'fast'", "d; extra == 'slow'", "e; extra == 'other-one'", "f"}),
                   package("c", {"b[slow]"}), package("lonely", {"x; extra == 'y'"})});
  const DependencyGraph graph(all, facts());
  Names found = needs(graph, "b");
  std::ranges::sort(found);
  BOOST_TEST(found == (Names{"c satisfied fast", "d missing slow", "e missing other-one", "f missing"}),
             boost::test_tools::per_element());
  BOOST_TEST(needs(graph, "lonely").empty());
  BOOST_TEST(graph.possible_dependents("x") == Names{"lonely[y]"}, boost::test_tools::per_element());
  BOOST_TEST(graph.possible_dependents("c").empty());
}

BOOST_AUTO_TEST_CASE(a_package_s_own_extras_are_no_dependency_on_itself) {
  const auto all =
      environment({package("a", {"b[all]"}), package("b", {"b[one]; extra == 'all'", "c; extra == 'one'"})});
  BOOST_TEST(needs(DependencyGraph(all, facts()), "b") == Names{"c missing one"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_said) {
  const auto all = environment({package("a", {"b >> 1", "c; what == '1'", "d"})});
  const DependencyGraph graph(all, facts());
  BOOST_TEST(graph.unreadable().size() == 2U);
  BOOST_TEST(needs(graph, "a") == Names{"d missing"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(circles_have_a_beginning) {
  const auto all = environment({package("a", {"b"}), package("b", {"a"}), package("c", {"d"}), package("d")});
  const DependencyGraph graph(all, facts());
  BOOST_TEST(names(graph, graph.tops()) == (Names{"a", "c"}), boost::test_tools::per_element());
  BOOST_TEST(names(graph, graph.bottoms()) == (Names{"a", "d"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(chains_lead_from_what_was_asked_for) {
  const auto all =
      environment({package("app", {"lib", "web"}, true), package("lib", {"core"}), package("web", {"core"}, true),
                   package("core"), package("stray", {"lib"}), package("lonely")});
  const DependencyGraph graph(all, facts());
  std::vector<std::string> chains;
  for (const DependencyChain& chain : chains_to(graph, *graph.find("core"))) {
    std::string text;
    for (const std::string& name : names(graph, chain)) text += (text.empty() ? "" : " ") + name;
    chains.push_back(std::move(text));
  }
  BOOST_TEST(chains == (Names{"web core", "app lib core", "stray lib core"}), boost::test_tools::per_element());
  BOOST_TEST(chains_to(graph, *graph.find("lonely")).empty());
  const auto asked = chains_to(graph, *graph.find("web"));
  BOOST_REQUIRE(asked.size() == 2U);
  BOOST_TEST(names(graph, asked[0]) == Names{"web"}, boost::test_tools::per_element());
  BOOST_TEST(names(graph, asked[1]) == (Names{"app", "web"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_circle_that_nobody_needs_has_no_chain) {
  const auto all = environment({package("a", {"b"}), package("b", {"a"})});
  const DependencyGraph graph(all, facts());
  BOOST_TEST(chains_to(graph, 0).empty());
}

// The number of chains stays that of starts and dependents, however many ways there are.
BOOST_AUTO_TEST_CASE(many_ways_are_no_danger) {
  std::vector<InstalledDistribution> all{package("start", {"x0", "y0"}, true)};
  for (int i = 0; i < 200; ++i) {
    const Names next{"x" + std::to_string(i + 1), "y" + std::to_string(i + 1)};
    all.push_back(package("x" + std::to_string(i), next));
    all.push_back(package("y" + std::to_string(i), next));
  }
  all.push_back(package("x200"));
  const auto many = environment(std::move(all));
  const DependencyGraph graph(many, facts());
  const auto chains = chains_to(graph, *graph.find("x200"));
  BOOST_TEST(chains.size() == 2U);
  BOOST_TEST(chains.front().size() == 202U);
}

BOOST_AUTO_TEST_SUITE_END()
