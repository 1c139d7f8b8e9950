#include "linker/python/python_request.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"
#include "tests/linker/facts.hpp"

using namespace cas;
namespace data = boost::unit_test::data;
using Kind = PythonRequest::Kind;

namespace {

InterpreterFacts python(const std::string& version, const std::string& implementation = "cpython",
                        bool free_threaded = false, bool debug = false) {
  const auto numbers = Version::parse(version).value().release();
  InterpreterFacts facts = test::cpython_facts(static_cast<std::uint32_t>(std::stoul(numbers.at(1).digits)));
  facts.major = static_cast<std::uint32_t>(std::stoul(numbers.at(0).digits));
  facts.version = version;
  facts.implementation = implementation;
  facts.free_threaded = free_threaded;
  facts.debug = debug;
  return facts;
}

// The misgivings, -1 where it does not fit.
int fit(const std::string& request, const InterpreterFacts& facts) {
  const auto misgivings = judge_python(parse_python_request(request), facts);
  return misgivings ? static_cast<int>(*misgivings) : -1;
}

bool may_fit(const std::string& request, const std::string& name) {
  return name_may_fit(parse_python_request(request), name);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(python_request_tests)

// Every spelling of one and the same.
BOOST_DATA_TEST_CASE(spellings_of_3_12,
                     data::make({"3.12", "python3.12", "Python3.12", "cpython3.12", "cpython@3.12", "cpython-3.12",
                                 "312", "python312", "cp312", "==3.12.*", "~=3.12.0", ">=3.12,<3.13",
                                 "cpython>=3.12,<3.13", " 3.12 ", "3.12.*", "3.12-64", "3.12+gil", "py312",
                                 "cpython@312"}),
                     text) {
  BOOST_TEST((parse_python_request(std::string(text)).kind == Kind::version));
  BOOST_TEST(fit(text, python("3.12.1")) == 0);
  BOOST_TEST(fit(text, python("3.12.0")) == 0);
  BOOST_TEST(fit(text, python("3.11.9")) == -1);
  BOOST_TEST(fit(text, python("3.13.0")) == -1);
  BOOST_TEST(fit(text, python("2.7.18")) == -1);
}

BOOST_AUTO_TEST_CASE(nothing_and_python_mean_any) {
  BOOST_TEST((parse_python_request(std::nullopt).kind == Kind::any));
  for (const std::string text : {"python", "PYTHON"}) {
    BOOST_TEST((parse_python_request(text).kind == Kind::any));
    BOOST_TEST(fit(text, python("3.9.1")) == 0);
    BOOST_TEST(fit(text, python("3.9.1", "pypy")) == 0);
  }
}

BOOST_AUTO_TEST_CASE(whole_versions_are_exact) {
  BOOST_TEST(fit("3.12.1", python("3.12.1")) == 0);
  BOOST_TEST(fit("3.12.1", python("3.12.11")) == -1);
  BOOST_TEST(fit("3.12.1", python("3.12.1rc1")) == -1);
  BOOST_TEST(fit("3.12.1rc1", python("3.12.1rc1")) == 0);
  BOOST_TEST(fit("3.12.1rc1", python("3.12.1")) == -1);
  BOOST_TEST(fit("3", python("3.6.0")) == 0);
  BOOST_TEST(fit("3", python("2.7.18")) == -1);
  BOOST_TEST(fit("39", python("3.9.0")) == 0);
}

BOOST_AUTO_TEST_CASE(implementations_are_told_apart) {
  BOOST_TEST(fit("pypy", python("3.10.14", "pypy")) == 0);
  BOOST_TEST(fit("pypy", python("3.10.14")) == -1);
  BOOST_TEST(fit("pypy3.10", python("3.10.14", "pypy")) == 0);
  BOOST_TEST(fit("pypy3.9", python("3.10.14", "pypy")) == -1);
  BOOST_TEST(fit("pp310", python("3.10.14", "pypy")) == 0);
  BOOST_TEST(fit("cpython", python("3.10.14", "pypy")) == -1);
  BOOST_TEST(fit("graalpy>=3.11", python("3.11.7", "graalpy")) == 0);
  BOOST_TEST(fit("3.10", python("3.10.14", "pypy")) == 0);
}

BOOST_AUTO_TEST_CASE(builds_that_were_not_asked_for_are_second_choice) {
  const InterpreterFacts threaded = python("3.13.0", "cpython", true);
  const InterpreterFacts debug = python("3.13.0", "cpython", false, true);
  for (const std::string text : {"3.13t", "3.13+freethreaded", "python3.13t", "cpython@3.13+freethreaded", "313t"}) {
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(fit(text, threaded) == 0);
      BOOST_TEST(fit(text, python("3.13.0")) == -1);
    }
  }
  BOOST_TEST(fit("3.13", threaded) == 1);
  BOOST_TEST(fit("3.13", python("3.13.0rc2", "cpython", true)) == 2);
  BOOST_TEST(fit("3.13+gil", threaded) == -1);
  BOOST_TEST(fit("3.13d", debug) == 0);
  BOOST_TEST(fit("3.13+debug", debug) == 0);
  BOOST_TEST(fit("3.13", debug) == 1);
  BOOST_TEST(fit("3.13td", python("3.13.0", "cpython", true, true)) == 0);
  BOOST_TEST(fit("3.13+freethreaded+debug", python("3.13.0", "cpython", true, true)) == 0);
  InterpreterFacts narrow = python("3.12.1");
  narrow.pointer_bits = 32;
  BOOST_TEST(fit("3.12-64", narrow) == -1);
  BOOST_TEST(fit("python3.12-32", narrow) == 0);
}

BOOST_AUTO_TEST_CASE(prereleases_are_second_choice_unless_named) {
  BOOST_TEST(fit("3.14", python("3.14.0rc1")) == 1);
  BOOST_TEST(fit("3.14.0rc1", python("3.14.0rc1")) == 0);
  BOOST_TEST(fit(">=3.14.0a1", python("3.14.0b1")) == 0);
  BOOST_TEST(fit(">=3.13", python("3.14.0b1")) == 1);
  BOOST_TEST(fit(">=3.14", python("3.14.0b1")) == -1);
  BOOST_TEST(*judge_python({}, python("3.14.0b1")) == 1u);
}

BOOST_AUTO_TEST_CASE(what_has_no_environments_is_the_last_choice) {
  BOOST_TEST(*judge_python({}, python("2.7.18")) > *judge_python({}, python("3.14.0b1", "cpython", true, true)));
  BOOST_TEST(fit("2.7", python("2.7.18")) > 0);
}

BOOST_DATA_TEST_CASE(paths, data::make({"/usr/bin/python3", "./env", "env/", "../3.12", "/"}), text) {
  const PythonRequest request = parse_python_request(std::string(text));
  BOOST_TEST((request.kind == Kind::path));
  BOOST_TEST(request.text == text);
}

BOOST_DATA_TEST_CASE(names,
                     data::make({"python3-dbg", "python3.12-config", "pypy3.10-c", "mypython", "pytest", "cp", "py",
                                 "v3.12", "python3.12x", "pythonn", "micropython", "cpythonx"}),
                     text) {
  const PythonRequest request = parse_python_request(std::string(text));
  BOOST_TEST((request.kind == Kind::name));
  BOOST_TEST(request.text == text);
}

BOOST_DATA_TEST_CASE(nonsense, data::make({"",          "  ",        "3.x",          "3..12",  "3.12.1.1", "3121",
                                           "3.12,3.13", ">=",        ">=x",          "=3.12",  "<3.12;",   "cpython@",
                                           "cpython@x", "3.12@",     "3.12.1.post1", "1!3.12", "3.*.1",    "3 12",
                                           "12345",     "3.12rc1.*", "3.12-16"}),
                     text) {
  BOOST_CHECK_EXCEPTION((void)parse_python_request(std::string(text)), UsageError, [](const UsageError& error) {
    return error.message().starts_with("--python '") && error.hint().find("3.12") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_version_is_said) {
  const auto refused = [](const std::string& text, const std::string& why) {
    BOOST_CHECK_EXCEPTION((void)parse_python_request(text), UsageError,
                          [&](const UsageError& error) { return error.message().find(why) != std::string::npos; });
  };
  refused(">=3.10 <3.13", "separated by a comma: '>=3.10,<3.13'");
  refused(">=3.10,<x", "not a set of version specifiers");
  refused("3.12,3.11", "only one version can be named");
  refused("3.12.1.4", "at most three numbers");
  refused("3.x", "not a version of Python");
}

BOOST_AUTO_TEST_CASE(keys_of_uv_ask_for_a_platform) {
  InterpreterFacts facts = python("3.12.1");
  facts.platform = "linux-x86_64";
  facts.libc = "glibc";
  for (const char* key : {"cpython-3.12.1-linux-x86_64-gnu", "cpython-3.12", "cpython-3.12-linux",
                          "cpython-3-linux-x86_64", "cpython-3.12.1-linux-x86_64_v3-gnu"}) {
    BOOST_TEST_CONTEXT(key) { BOOST_TEST(fit(key, facts) == 0); }
  }
  for (const char* key :
       {"cpython-3.12.2-linux-x86_64-gnu", "cpython-3.12.1-linux-x86_64-musl", "pypy-3.12.1-linux-x86_64-gnu",
        "cpython-3.12.1-linux-aarch64-gnu", "cpython-3.12.1+freethreaded-linux-x86_64-gnu"}) {
    BOOST_TEST_CONTEXT(key) { BOOST_TEST(fit(key, facts) == -1); }
  }
  facts.free_threaded = true;
  BOOST_TEST(fit("cpython-3.12.1+freethreaded-linux-x86_64-gnu", facts) == 0);
  for (const char* name :
       {"cpython-3.12.1-macos-aarch64-none", "cpython-3.12.1-linuxx", "cpython-3.12.1-linux-x86_64-what"}) {
    BOOST_TEST((parse_python_request(std::string(name)).kind == Kind::name));
  }
}

BOOST_AUTO_TEST_CASE(names_exclude_only_what_is_certain) {
  BOOST_TEST(!may_fit(">=3.10", "python3.9"));
  BOOST_TEST(may_fit(">=3.10", "python3.10"));
  BOOST_TEST(may_fit(">=3.10.5", "python3.10"));
  BOOST_TEST(!may_fit(">=3.10.5", "3.10.4"));
  BOOST_TEST(may_fit("<3.10", "python3.9"));
  BOOST_TEST(!may_fit("<3.10", "python3.10"));
  BOOST_TEST(may_fit("==3.9.18", "python3.9"));
  BOOST_TEST(may_fit("!=3.9.0", "python3.9"));
  BOOST_TEST(!may_fit("!=3.9.*", "python3.9"));
  BOOST_TEST(may_fit("3.14.0rc1", "python3.14"));
  BOOST_TEST(!may_fit("3.14.0rc1", "python3.13"));
  BOOST_TEST(!may_fit("3.9", "3.12.1"));
  BOOST_TEST(may_fit("3.9", "3.9.18"));
  BOOST_TEST(may_fit("3.13t", "3.13.0t"));
  BOOST_TEST(may_fit("3.13t", "python3.13t"));
  BOOST_TEST(!may_fit("pypy", "cpython-3.12.1-linux-x86_64-gnu"));
  BOOST_TEST(!may_fit("cpython", "pypy3.10-7.3.15"));
  BOOST_TEST(may_fit("pypy3.10", "pypy3.10-7.3.15"));
  BOOST_TEST(!may_fit("pypy3.9", "pypy3.10-7.3.15"));
  BOOST_TEST(!may_fit("3", "python2"));
  BOOST_TEST(may_fit("3.12", "python3"));
  // What tells nothing, or nothing certain.
  for (const std::string name : {"", "python", "work", "miniconda3-3.9-24.1", "3.12-dev", "3.9-work", "python310x"}) {
    BOOST_TEST_CONTEXT(name) { BOOST_TEST(may_fit("3.11", name)); }
  }
  BOOST_TEST(name_may_fit({}, "python2.7"));
}

BOOST_AUTO_TEST_SUITE_END()
