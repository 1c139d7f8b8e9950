#include "linker/locked/lock_freshness.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "store/base/error.hpp"
#include "tests/linker/facts.hpp"
#include "tests/support/temp_dir.hpp"

using namespace cas;

namespace {

const std::string kLock = R"(lock-version = '1.0'
created-by = 'a test'
dependency-groups = ['dev']
default-groups = ['dev']
[[packages]]
name = 'six'
version = '1.17.0'
wheels = [{url = 'https://example.org/six-1.17.0-py3-none-any.whl', hashes = {sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}}]
[[packages]]
name = 'testing'
version = '1.0'
marker = "'dev' in dependency_groups"
wheels = [{url = 'https://example.org/testing-1.0-py3-none-any.whl', hashes = {sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}}]
[[packages]]
name = 'tree'
directory = {path = '.'}
)";

class Warnings final : public SilentProgress {
 public:
  void warning(std::string_view said) override { text += std::string(said) + "\n"; }
  std::string text;
};

class Project {
 public:
  explicit Project(const std::string& text, const std::string& lock = "pylock.toml") : lock_(temp_ / lock) {
    std::ofstream(temp_ / "pyproject.toml") << text;
  }

  // What is warned of; "" nothing.
  std::string told(const PackageInputs& inputs) {
    LockSource source;
    source.lock = parse_pylock(kLock, "pylock.toml");
    source.place = lock_;
    source.wishes = inputs.wishes;
    Warnings progress;
    check_freshness(lock_, source, inputs, test::cpython_facts(12), progress);
    return progress.text;
  }

 private:
  test::TempDir temp_;
  std::string lock_;
};

PackageInputs inputs_with(Freshness freshness) {
  PackageInputs inputs;
  inputs.freshness = freshness;
  return inputs;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string kFits = "[project]\nname='x'\ndependencies=['six>=1', 'tree>2', 'no; python_version<\"3\"']\n";
const std::string kStale = "[project]\nname='x'\ndependencies=['six>=2', 'no']\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(lock_freshness_tests)

BOOST_AUTO_TEST_CASE(a_lock_that_has_what_is_asked_for_is_fresh) {
  BOOST_TEST(Project(kFits).told(inputs_with(Freshness::told)).empty());
  BOOST_TEST(Project(kFits).told(inputs_with(Freshness::required)).empty());
}

BOOST_AUTO_TEST_CASE(what_differs_is_said) {
  const std::string told = Project(kStale).told(inputs_with(Freshness::told));
  BOOST_TEST(contains(told, "six>=2, and it has six 1.17.0; no, and it has none"));
  BOOST_TEST(contains(told, "cas lock -o pylock.toml"));
  BOOST_TEST(Project(kStale).told(inputs_with(Freshness::unasked)).empty());
  BOOST_CHECK_EXCEPTION((void)Project(kStale).told(inputs_with(Freshness::required)), InvalidInput,
                        [](const InvalidInput& error) { return contains(error.message(), "six>=2"); });
}

BOOST_AUTO_TEST_CASE(groups_count_as_the_lock_is_asked_for_them) {
  const std::string text = kFits + "[dependency-groups]\ndev=['testing>=2']\nother=['nothing']\n";
  BOOST_TEST(contains(Project(text).told(inputs_with(Freshness::told)), "testing>=2, and it has testing 1.0"));
  PackageInputs without = inputs_with(Freshness::told);
  without.wishes.groups.emplace();
  BOOST_TEST(Project(text).told(without).empty());
}

BOOST_AUTO_TEST_CASE(a_direct_reference_wants_no_package_of_an_index) {
  const auto project = [](const std::string& requirement) {
    return Project("[project]\nname='x'\ndependencies=['" + requirement + "']\n");
  };
  BOOST_TEST(contains(project("six @ https://example.org/six.zip").told(inputs_with(Freshness::told)), "six @"));
  BOOST_TEST(project("tree @ file:///tree").told(inputs_with(Freshness::told)).empty());
}

BOOST_AUTO_TEST_CASE(other_locks_and_projects_that_do_not_tell_are_looked_at_where_it_is_required) {
  BOOST_TEST(Project(kStale, "pylock.docs.toml").told(inputs_with(Freshness::told)).empty());
  BOOST_CHECK_THROW((void)Project(kStale, "pylock.docs.toml").told(inputs_with(Freshness::required)), InvalidInput);
  const std::string dynamic = "[project]\nname='x'\ndynamic=['dependencies']\n";
  BOOST_TEST(Project(dynamic).told(inputs_with(Freshness::told)).empty());
  BOOST_CHECK_THROW((void)Project(dynamic).told(inputs_with(Freshness::required)), UsageError);
  BOOST_TEST(Project("[tool.x]\ny = 1\n").told(inputs_with(Freshness::required)).empty());
}

BOOST_AUTO_TEST_CASE(what_uv_was_told_to_override_may_be_another_version) {
  const std::string text = kStale + "[tool.uv]\noverride-dependencies=['Six>=1', 'no']\n";
  BOOST_TEST(Project(text, "uv.lock").told(inputs_with(Freshness::required)).empty());
}

BOOST_AUTO_TEST_CASE(a_python_that_the_project_excludes_is_told) {
  const std::string excluded = "[project]\nname='x'\nrequires-python='<3.12'\ndependencies=['six>=1']\n";
  const std::string told = Project(excluded).told(inputs_with(Freshness::told));
  BOOST_TEST(contains(told, "requires Python <3.12"), told);
  BOOST_TEST(contains(told, "CPython 3.12"), told);
  BOOST_TEST(Project(excluded).told(inputs_with(Freshness::unasked)) == "");
  BOOST_CHECK_THROW((void)Project(excluded).told(inputs_with(Freshness::required)), InvalidInput);
}

BOOST_AUTO_TEST_SUITE_END()
