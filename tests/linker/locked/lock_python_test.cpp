#include "linker/locked/lock_python.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "linker/locked/package_inputs.hpp"
#include "tests/linker/facts.hpp"
#include "tests/support/temp_dir.hpp"

using namespace cas;

namespace {

std::string joined(const std::string& resolved, const std::string& projects) {
  return joined_requires_python(resolved, SpecifierSet::parse(projects).value());
}

LockPython python_of(const std::string& lines) {
  const test::TempDir temp;
  const std::string path = temp / "pylock.toml";
  std::ofstream(path) << "lock-version = '1.0'\ncreated-by = 'a test'\n" << lines;
  return python_of_lock(path);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lock_python_tests)

BOOST_AUTO_TEST_CASE(a_lock_is_for_what_its_project_is_for) {
  BOOST_TEST(joined(">=3.10.13", "") == ">=3.10");
  BOOST_TEST(joined(">=3.10.13", ">=3.8,<3.11") == ">=3.10,<3.11");
  BOOST_TEST(joined(">=3.10.13", "==3.10.*") == ">=3.10,==3.10.*");
  BOOST_TEST(joined(">=3.10.13", ">=3.10.5,!=3.10.9") == ">=3.10,>=3.10.5,!=3.10.9");
  BOOST_TEST(joined("", ">=3.8,<4") == ">=3.8,<4");
  BOOST_TEST(joined(">=3.14.0rc1", ">=3.8") == ">=3.14.0rc1");
  BOOST_TEST(joined("", "") == "");
}

BOOST_AUTO_TEST_CASE(what_it_was_made_for_is_noted_as_python_is_asked_for) {
  InterpreterFacts facts = test::cpython_facts(12);
  BOOST_TEST(python_note(facts) == "3.12");
  facts.library_name = "python3.13t";
  BOOST_TEST(python_note(facts) == "3.13t");
  facts.library_name = "pypy3.10";
  BOOST_TEST(python_note(facts) == "pypy3.10");
}

BOOST_AUTO_TEST_CASE(a_lock_tells_its_python) {
  const LockPython told = python_of("requires-python = '>=3.9'\n[tool.cas]\npython = '3.9'\n");
  BOOST_TEST(told.versions.text() == ">=3.9");
  BOOST_TEST(told.made_for == "3.9");
  BOOST_TEST(python_of("").made_for == "");
  for (const char* one : {"3.13t", "3.13td", "pypy3.10", "graalpy3.11"})
    BOOST_TEST(python_of("[tool.cas]\npython = '" + std::string(one) + "'\n").made_for == one);
  // Never a program.
  for (const char* odd : {"/bin/sh", "./x", "sh", "sh3.9", "3.", "3.9/x", "3.9tt", "", "python"})
    BOOST_TEST(python_of("[tool.cas]\npython = '" + std::string(odd) + "'\n").made_for == "", odd);
  BOOST_TEST(python_of("[tool.cas]\npython = 3.9\n").made_for == "");
}

BOOST_AUTO_TEST_CASE(a_setting_goes_before_what_a_lock_was_made_for) {
  PackageInputs inputs;
  inputs.lock_pythons = {{{}, "3.9"}, {{}, ""}};
  BOOST_TEST(inputs.preferred_pythons() == std::vector<std::string>{"3.9"}, boost::test_tools::per_element());
  inputs.python = "3.11";
  BOOST_TEST(inputs.preferred_pythons().empty());
}

BOOST_AUTO_TEST_SUITE_END()
