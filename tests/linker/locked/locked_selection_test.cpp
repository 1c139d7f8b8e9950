#include "linker/locked/locked_selection.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "linker/locked/marker_facts.hpp"
#include "store/base/error.hpp"
#include "tests/linker/facts.hpp"

namespace data = boost::unit_test::data;
using namespace cas;

namespace {

const std::string kHashes = "hashes = {sha256 = '" + std::string(64, 'a') + "'}";

std::string wheel(const std::string& name) { return "{url = 'https://example.org/" + name + "', " + kHashes + "}"; }

std::string package(const std::string& name, const std::string& more, const std::string& version = "1.0") {
  return "[[packages]]\nname = '" + name + "'\nversion = '" + version + "'\n" + more + "\n";
}

std::string simple(const std::string& name, const std::string& more = {}) {
  return package(name, more + "\nwheels = [" + wheel(name + "-1.0-py3-none-any.whl") + "]");
}

// The names of the files chosen, "build" for what has to be built.
std::vector<std::string> chosen(const std::string& text, const LockWishes& wishes = {}, std::uint32_t minor = 12) {
  const Pylock lock = parse_pylock("lock-version = '1.0'\ncreated-by = 'a test'\n" + text, "pylock.toml");
  const InterpreterFacts facts = test::cpython_facts(minor);
  const MarkerEnvironment system = marker_environment(facts, {"Linux", "6.1.0", "#1", "x86_64"});
  std::vector<std::string> names;
  for (const LockedChoice& choice : select_locked(lock, facts, system, wishes, "pylock.toml")) {
    names.push_back(choice.wheel != nullptr ? choice.wheel->name : "build " + choice.package->name);
  }
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(locked_selection)

BOOST_AUTO_TEST_CASE(the_best_wheel_is_taken) {
  const std::string lock = package("a", "wheels = [" + wheel("a-1.0-py3-none-any.whl") + ", " +
                                            wheel("a-1.0-cp312-cp312-manylinux_2_17_x86_64.whl") + ", " +
                                            wheel("a-1.0-9-cp312-cp312-manylinux_2_28_x86_64.whl") + ", " +
                                            wheel("a-1.0-10-cp312-cp312-manylinux_2_28_x86_64.whl") + ", " +
                                            wheel("a-1.0-cp312-cp312-win_amd64.whl") + "]");
  BOOST_TEST((chosen(lock) == Names{"a-1.0-10-cp312-cp312-manylinux_2_28_x86_64.whl"}));
  BOOST_TEST((chosen(lock, {}, 11) == Names{"a-1.0-py3-none-any.whl"}));
}

BOOST_AUTO_TEST_CASE(markers_extras_and_groups_decide) {
  const std::string lock = "extras = ['dev', 'x']\ndependency-groups = ['test', 'docs']\ndefault-groups = ['test']\n" +
                           simple("always") + simple("win", "marker = \"sys_platform == 'win32'\"") +
                           simple("dev", "marker = \"'dev' in extras\"") +
                           simple("test", "marker = \"'test' in dependency_groups\"") +
                           simple("docs", "marker = \"'docs' in dependency_groups\"");
  BOOST_TEST((chosen(lock) == Names{"always-1.0-py3-none-any.whl", "test-1.0-py3-none-any.whl"}));
  LockWishes wishes;
  wishes.extras = {"dev"};
  wishes.groups = {"docs"};
  BOOST_TEST((chosen(lock, wishes) ==
              Names{"always-1.0-py3-none-any.whl", "dev-1.0-py3-none-any.whl", "docs-1.0-py3-none-any.whl"}));
  wishes.extras = {"nope"};
  BOOST_CHECK_EXCEPTION((void)chosen(lock, wishes), UsageError, [](const UsageError& error) {
    return error.message().find("no extra 'nope'") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(one_name_may_stand_twice_where_markers_part_them) {
  const std::string lock =
      simple("a", "marker = \"python_version < '3.12'\"") +
      package("a", "marker = \"python_version >= '3.12'\"\nwheels = [" + wheel("a-2.0-py3-none-any.whl") + "]", "2.0");
  BOOST_TEST((chosen(lock) == Names{"a-2.0-py3-none-any.whl"}));
  BOOST_TEST((chosen(lock, {}, 11) == Names{"a-1.0-py3-none-any.whl"}));
}

BOOST_AUTO_TEST_CASE(a_wheel_of_another_version_is_none_of_the_package) {
  const std::string wheels = "wheels = [" + wheel("a-1.0-py3-none-any.whl") + "]";
  BOOST_CHECK_EXCEPTION((void)chosen(package("a", wheels, "2.0")), InvalidInput, [](const InvalidInput& error) {
    return error.message().find("a wheel of version 1.0") != std::string::npos;
  });
  BOOST_TEST((chosen(package("a", wheels, "1")) == Names{"a-1.0-py3-none-any.whl"}));
}

BOOST_AUTO_TEST_CASE(what_has_no_wheel_is_to_be_built) {
  const std::string lock = package("a", "sdist = {url = 'https://example.org/a-1.0.tar.gz', " + kHashes +
                                            "}\nwheels = [" + wheel("a-1.0-cp311-cp311-linux_x86_64.whl") + "]") +
                           package("d", "directory = {path = '.'}");
  BOOST_TEST((chosen(lock) == Names{"build a", "build d"}));
  LockWishes wishes;
  wishes.build.format.only_binary(":all:");
  BOOST_CHECK_THROW((void)chosen(lock, wishes), InvalidInput);
}

BOOST_AUTO_TEST_CASE(named_sources_are_built_where_indexes_give_wheels_alone) {
  const std::string editable = package("e", "directory = {path = '.', editable = true}");
  const std::string named =
      package("a", "archive = {url = 'https://example.org/a-1.0.zip', " + kHashes + "}") +
      package("d", "directory = {path = '.'}") +
      package("g", "vcs = {type = 'git', url = 'https://example.org/g', commit-id = '" + std::string(40, 'a') + "'}");
  LockWishes wishes;
  wishes.build.format.only_binary(":all:");
  BOOST_TEST((chosen(named + editable, wishes) == Names{"build a", "build d", "build g", "build e"}));
  wishes.build.format.no_build();
  BOOST_TEST((chosen(editable, wishes) == Names{"build e"}));
  BOOST_CHECK_EXCEPTION((void)chosen(named, wishes), InvalidInput, [](const InvalidInput& error) {
    return error.message().find("a 1.0") != std::string::npos && error.message().find("d 1.0") != std::string::npos &&
           error.message().find("g 1.0") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(wheels_of_a_package_may_be_unwanted) {
  const std::string wheels = "wheels = [" + wheel("a-1.0-py3-none-any.whl") + "]";
  LockWishes wishes;
  wishes.build.format.no_binary("a");
  BOOST_TEST((chosen(package("a", "sdist = {url = 'https://example.org/a-1.0.tar.gz', " + kHashes + "}\n" + wheels),
                     wishes) == Names{"build a"}));
  BOOST_CHECK_THROW((void)chosen(package("a", wheels), wishes), InvalidInput);
  BOOST_TEST((chosen(simple("b"), wishes) == Names{"b-1.0-py3-none-any.whl"}));
}

BOOST_AUTO_TEST_CASE(an_archive_may_be_a_wheel) {
  BOOST_TEST((chosen(package("a", "archive = {url = 'https://example.org/a-1.0-py3-none-any.whl', " + kHashes + "}")) ==
              Names{"a-1.0-py3-none-any.whl"}));
  BOOST_TEST(
      (chosen(package("a", "archive = {url = 'https://example.org/a-1.0.zip', " + kHashes + "}")) == Names{"build a"}));
}

const std::tuple<std::string, std::string> kRefused[] = {
    {"requires-python = '>=3.13'\n", "the lock needs Python >=3.13"},
    {"environments = [\"sys_platform == 'win32'\"]\n", "locked for other environments"},
    {"environments = [\"sys_platform = 'win32'\"]\n", "environments"},
    {simple("a", "marker = 'nonsense'"), "packages[0]"},
    {simple("a", "requires-python = '>=3.13'"), "a 1.0 needs Python >=3.13"},
    {simple("a") + simple("A"), "there twice"},
    {package("a", "wheels = [" + wheel("a-1.0-cp311-cp311-linux_x86_64.whl") + "]"), "no wheel that fits"},
    {package("a", "wheels = [" + wheel("b-1.0-py3-none-any.whl") + "]"), "a wheel of b"},
    {package("a", "wheels = [" + wheel("nonsense.whl") + "]"), "nonsense.whl"},
    {package("a", "archive = {url = 'https://example.org/a-1.0-cp311-cp311-linux_x86_64.whl', " + kHashes + "}"),
     "does not fit"},
};

BOOST_DATA_TEST_CASE(what_does_not_fit_is_named, data::make(kRefused), text, reason) {
  BOOST_CHECK_EXCEPTION((void)chosen(text), InvalidInput, [&](const InvalidInput& error) {
    BOOST_TEST_MESSAGE(error.message());
    return error.message().find("pylock.toml") != std::string::npos &&
           error.message().find(reason) != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(every_fault_is_named_at_once) {
  BOOST_CHECK_EXCEPTION((void)chosen(simple("a", "requires-python = '<3'") + simple("b", "requires-python = '<3'")),
                        InvalidInput, [](const InvalidInput& error) {
                          return error.message().find("a 1.0") != std::string::npos &&
                                 error.message().find("b 1.0") != std::string::npos;
                        });
}

BOOST_AUTO_TEST_SUITE_END()
