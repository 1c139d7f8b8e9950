#include "store/requirement/project_file.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <tuple>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;
using cas::parse_project_file;
using cas::ProjectChoice;

namespace {

std::string chosen(const std::string& text, const ProjectChoice& choice = {}) {
  std::string out;
  for (const cas::ListedRequirement& listed : project_requirements(parse_project_file(text, "p.toml"), choice)) {
    out += listed.place.text() + " " + listed.requirement.text() + "\n";
  }
  return out;
}

std::string fault(const std::string& text, const ProjectChoice& choice = {}) {
  try {
    (void)chosen(text, choice);
  } catch (const cas::Error& error) {
    return error.message() + (error.hint().empty() ? "" : " | " + error.hint());
  }
  return "no error";
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string kProject = R"([project]
name = "My.Project"
requires-python = ">=3.9,<4"
dependencies = [
  "six>=1",
  "tomli; python_version < '3.11'",
]
[project.optional-dependencies]
Web_UI = ["flask"]
old = ["mock; python_version < '3'"]
all = ["my-project[web-ui]", "my_project[old]; sys_platform == 'linux'"]
[dependency-groups]
test = ["pytest"]
Dev = [{include-group = "test"}, "ruff", {include-group = "TEST"}]
wrong = ["not a requirement >> 1"]
)";

}  // namespace

BOOST_AUTO_TEST_SUITE(project_file_tests)

BOOST_AUTO_TEST_CASE(dependencies_are_those_of_the_project) {
  const auto project = parse_project_file(kProject, "p.toml");
  BOOST_TEST(project.name == "my-project");
  BOOST_TEST(project.requires_python.text() == "<4,>=3.9");
  BOOST_TEST(chosen(kProject) == "p.toml:5 six>=1\np.toml:6 tomli; python_version < \"3.11\"\n");
}

BOOST_AUTO_TEST_CASE(an_extra_adds_its_own) {
  BOOST_TEST(contains(chosen(kProject, {{"web-ui"}, false, {}}), "p.toml:9 flask\n"));
}

// The project itself is not a package of an index: what it asks of itself are its extras.
BOOST_AUTO_TEST_CASE(an_extra_of_extras_is_what_they_have) {
  const std::string text = chosen(kProject, {{"all"}, false, {}});
  BOOST_TEST(contains(text, "p.toml:9 flask\n"));
  BOOST_TEST(contains(text, "p.toml:10 mock; sys_platform == \"linux\" and python_version < \"3\"\n"));
  BOOST_TEST(!contains(text, "my-project"));
}

BOOST_AUTO_TEST_CASE(all_extras_are_all) {
  const std::string text = chosen(kProject, {{}, true, {}});
  BOOST_TEST(contains(text, "mock; python_version < \"3\"\n"));
  BOOST_TEST(contains(text, "flask"));
}

BOOST_AUTO_TEST_CASE(extras_that_name_each_other_end) {
  const std::string text =
      "[project]\nname='a'\n[project.optional-dependencies]\nx=['a[y]','b']\ny=['a[x]','c']\nz=['a']\n";
  BOOST_TEST(chosen(text, {{"x"}, false, {}}) == "p.toml:5 c\np.toml:4 b\n");
  BOOST_TEST(chosen(text, {{"z"}, false, {}}).empty());
}

BOOST_AUTO_TEST_CASE(a_group_adds_what_it_includes_once) {
  const std::string text = chosen(kProject, {{}, false, {"dev"}});
  BOOST_TEST(contains(text, "p.toml:13 pytest\np.toml:14 ruff\n"));
  BOOST_TEST(text.find("pytest") == text.rfind("pytest"));
}

BOOST_AUTO_TEST_CASE(rules_choose_groups) {
  const std::string text = "[project]\nname='a'\ndependencies=['main']\n[dependency-groups]\ndev=['d']\ntest=['t']\n";
  ProjectChoice choice;
  choice.rules.all = true;
  BOOST_TEST(chosen(text, choice) == "p.toml:3 main\np.toml:5 d\np.toml:6 t\n");
  choice.rules.no_dev = true;
  BOOST_TEST(chosen(text, choice) == "p.toml:3 main\np.toml:6 t\n");
  choice.rules = {};
  choice.rules.only = true;
  choice.groups = {"test", "test"};
  BOOST_TEST(chosen(text, choice) == "p.toml:6 t\n");
  choice.groups = {"none"};
  BOOST_TEST(contains(fault(text, choice), "no dependency group 'none'"));
}

BOOST_AUTO_TEST_CASE(groups_that_are_taken_unasked_are_those_of_defaults) {
  using Names = std::vector<std::string>;
  const auto of_rules = [](const Names& named, const cas::GroupRules& rules) {
    return cas::chosen_groups(named, rules, {"dev", "docs", "test"}, {"dev", "docs"});
  };
  BOOST_TEST((of_rules({}, {}) == Names{"dev", "docs"}));
  BOOST_TEST((of_rules({"test"}, {}) == Names{"test"}));
  BOOST_TEST((of_rules({}, {false, false, false, true}) == Names{"docs"}));
  BOOST_TEST((of_rules({}, {false, false, true, false}).empty()));
  BOOST_TEST((of_rules({}, {false, true, false, true}) == Names{"docs", "test"}));
  BOOST_TEST((of_rules({"dev"}, {true, false, false, true}).empty()));
}

BOOST_AUTO_TEST_CASE(uv_says_which_groups_it_takes_unasked) {
  using Names = std::vector<std::string>;
  const auto defaults = [](const std::string& text) {
    return parse_project_file("[dependency-groups]\na = []\nb = []\n" + text, "p.toml").default_groups;
  };
  BOOST_TEST((defaults("") == Names{"dev"}));
  BOOST_TEST((defaults("[tool.uv]\ndefault-groups = ['B']\n") == Names{"b"}));
  BOOST_TEST((defaults("[tool.uv]\ndefault-groups = 'all'\n") == Names{"a", "b"}));
  BOOST_TEST((defaults("[tool.uv]\ndefault-groups = 3\n") == Names{"dev"}));
}

BOOST_AUTO_TEST_CASE(what_nobody_asks_for_may_be_wrong) {
  BOOST_TEST(contains(fault(kProject, {{}, false, {"wrong"}}), "p.toml:15: requirement"));
  BOOST_TEST(fault(kProject) == "no error");
}

BOOST_AUTO_TEST_CASE(groups_need_no_project) {
  const std::string text = "[dependency-groups]\ntest = ['pytest']\n";
  BOOST_TEST(chosen(text, {{}, false, {"test"}}) == "p.toml:2 pytest\n");
  BOOST_TEST(contains(fault(text), "--group: test"));
}

BOOST_AUTO_TEST_CASE(unknown_names_are_told_with_the_known_ones) {
  BOOST_TEST(contains(fault(kProject, {{"webui"}, false, {}}), "no extra 'webui' | it has all, old, web-ui"));
  BOOST_TEST(
      contains(fault(kProject, {{}, false, {"tests"}}), "no dependency group 'tests' | it has dev, test, wrong"));
}

BOOST_AUTO_TEST_CASE(what_is_dynamic_is_said_with_what_to_do) {
  const std::string text = "[project]\nname='a'\ndynamic=['version','dependencies','optional-dependencies']\n";
  BOOST_TEST(contains(fault(text), "project.dependencies is dynamic"));
  BOOST_TEST(contains(fault(text), "-e ."));
  BOOST_TEST(contains(fault(text + "[tool.setuptools.dynamic]\ndependencies={file=['req.in']}\n"), "-r req.in"));
  const std::string extras = "[project]\nname='a'\ndynamic=['optional-dependencies']\n";
  BOOST_TEST(fault(extras) == "no error");
  BOOST_TEST(contains(fault(extras, {{"x"}, false, {}}), "optional-dependencies is dynamic"));
  BOOST_TEST(contains(fault(extras, {{}, true, {}}), "optional-dependencies is dynamic"));
}

const std::vector<std::tuple<std::string, std::string>> kFaults{
    {"a = [", "p.toml"},
    {"", "neither [project] nor"},
    {"[tool.poetry.dependencies]\nsix='1'\n", "poetry export"},
    {"project = 1", "p.toml:1: project is not a table"},
    {"[project]\n", "project.name is missing"},
    {"[project]\nname='a b'\n", "p.toml:2: 'a b' is no name"},
    {"[project]\nname='a'\nrequires-python='^3.9'\n", "p.toml:3: requires-python = '^3.9'"},
    {"[project]\nname='a'\ndependencies='six'\n", "p.toml:3: project.dependencies is not an array"},
    {"[project]\nname='a'\ndependencies=['six',\n 1]\n", "p.toml:4: project.dependencies is not text"},
    {"[project]\nname='a'\ndependencies=['six',\n 'six >> 1']\n", "p.toml:4: requirement"},
    {"[project]\nname='a'\ndependencies=[]\ndynamic=['dependencies']\n", "p.toml:4: project.dependencies is given"},
    {"[project]\nname='a'\n[project.optional-dependencies]\n'x y'=[]\n", "p.toml:4: 'x y' is no name"},
    {"[project]\nname='a'\n[project.optional-dependencies]\nx_y=[]\nX-y=[]\n", "in another spelling"},
    {"[dependency-groups]\nA=[]\na=[]\n", "p.toml:3: dependency-groups.a is there already"},
    {"[dependency-groups]\ng='six'\n", "p.toml:2: dependency-groups.g is not an array"},
};
BOOST_DATA_TEST_CASE(what_is_wrong_is_told_with_its_line, data::make(kFaults), text, expected) {
  BOOST_TEST_CONTEXT(fault(text)) { BOOST_TEST(contains(fault(text), expected)); }
}

const std::vector<std::tuple<std::string, std::string>> kGroupFaults{
    {"g=[{include-group='g'}]", "'g' includes itself"},
    {"g=[{include-group='h'}]\nh=[{include-group='G'}]", "'g' includes itself"},
    {"g=[{include-group='h'}]", "no dependency group 'h'"},
    {"g=[{include-group='h', more=1}]\nh=[]", "p.toml:2: this is neither a requirement nor"},
    {"g=[{set-phasers-to='stun'}]", "p.toml:2: this is neither a requirement nor"},
    {"g=[1]", "p.toml:2: this is neither a requirement nor"},
    {"g=[['six']]", "p.toml:2: this is neither a requirement nor"},
};
BOOST_DATA_TEST_CASE(groups_that_cannot_be_read, data::make(kGroupFaults), text, expected) {
  const std::string told = fault("[dependency-groups]\n" + text, {{}, false, {"g"}});
  BOOST_TEST_CONTEXT(told) { BOOST_TEST(contains(told, expected)); }
}

BOOST_AUTO_TEST_CASE(nesting_and_numbers_are_limited) {
  std::string chain = "[dependency-groups]\n";
  for (int i = 0; i < 100; ++i)
    chain += "g" + std::to_string(i) + "=[{include-group='g" + std::to_string(i + 1) + "'}]\n";
  BOOST_TEST(contains(fault(chain + "g100=[]\n", {{}, false, {"g0"}}), "in each other"));

  std::string doubling = "[project]\nname='p'\n[project.optional-dependencies]\n";
  for (int i = 0; i < 60; ++i) {
    const std::string next = "'p[e" + std::to_string(i + 1) + "]'";
    doubling += "e" + std::to_string(i) + "=[" + next + "," + next + "]\n";
  }
  BOOST_TEST(contains(fault(doubling + "e60=[]\n", {{"e0"}, false, {}}), "more than"));
}

BOOST_AUTO_TEST_SUITE_END()
