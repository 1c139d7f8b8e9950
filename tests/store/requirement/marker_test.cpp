#include "store/requirement/marker.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;
using cas::Marker;
using cas::MarkerEnvironment;
using cas::UsageError;

namespace {

MarkerEnvironment debian() {
  MarkerEnvironment environment;
  environment.os_name = "posix";
  environment.sys_platform = "linux";
  environment.platform_machine = "x86_64";
  environment.platform_python_implementation = "CPython";
  environment.platform_release = "6.1.0-18-amd64";
  environment.platform_system = "Linux";
  environment.platform_version = "#1 SMP Debian 6.1.76-1";
  environment.python_version = "3.11";
  environment.python_full_version = "3.11.2";
  environment.implementation_name = "cpython";
  environment.implementation_version = "3.11.2";
  return environment;
}

struct Spelling {
  const char* written;
  const char* text;
};
std::ostream& operator<<(std::ostream& out, const Spelling& s) { return out << s.written; }

const Spelling kSpellings[] = {
    {"python_version>'3'", R"(python_version > "3")"},
    {"  os.name\t==  'nt' ", R"(os_name == "nt")"},
    {"'a' in platform.python_implementation", R"("a" in platform_python_implementation)"},
    {"python_implementation=='x'", R"(platform_python_implementation == "x")"},
    {"sys.platform not   in 'linux2'", R"(sys_platform not in "linux2")"},
    {"os_name=='a'or os_name=='b'and(os_name=='c')", R"(os_name == "a" or os_name == "b" and os_name == "c")"},
    {"((os_name=='a' and (extra=='b')))", R"(os_name == "a" and extra == "b")"},
    {"(os_name=='a' or os_name=='b') and os_name=='c'", R"((os_name == "a" or os_name == "b") and os_name == "c")"},
    {"(os_name=='a' and os_name=='b') or os_name=='c'", R"((os_name == "a" and os_name == "b") or os_name == "c")"},
    {"extra == 'Foo__Bar'", R"(extra == "foo-bar")"},
    {"'Foo.Bar' == extra", R"("foo-bar" == extra)"},
    {"'Dev_X' in dependency_groups", R"("dev-x" in dependency_groups)"},
    {R"(os_name == 'say "x"')", R"(os_name == 'say "x"')"},
    {R"(os_name == "a\x41\101A\q")", R"(os_name == "aAAA\\q")"},
    {R"(os_name == 'a\x22\x27\n')", R"(os_name == "a\x22'\x0a")"},
    {"os_name == sys_platform", "os_name == sys_platform"},
};

struct Fault {
  const char* written;
  const char* message;  // a part of it
};
std::ostream& operator<<(std::ostream& out, const Fault& f) { return out << f.written; }

const Fault kFaults[] = {
    {"", "column 1: expected a marker variable"},
    {"os_names == 'x'", "column 1: expected a marker variable"},
    {"os_name = 'x'", "column 9: expected a comparison (<=, <, !=, ==, >=, >, ~=, ===, in, not in), not '='"},
    {"os_name == x", "column 12: expected a marker variable (python_version, sys_platform, …) or a string in quotes"},
    {"os_name == 'x", "column 12: the string has no closing quote"},
    {"os_name == 'x' os_name == 'y'", "column 16: expected 'and', 'or' or the end of the marker, not 'o'"},
    {"(os_name == 'x'", "column 16: expected 'and', 'or' or ')', not the end"},
    {"os_name == 'x')", "column 15: expected 'and', 'or' or the end"},
    {"os_name not 'x'", "column 13: expected 'in' after 'not'"},
    {"os_name notin 'x'", "column 9: expected a comparison"},
    {"os_name == 'x' and", "column 19: expected a marker variable"},
    {"'a' == 'b'", "column 1: compares two strings"},
    {"os_name == 'a\nb'", "column 14: a control character"},
    {R"(os_name == '\x4')", "column 12: the string has an invalid escape"},
    {R"(os_name == '\ud800')", "invalid escape"},
    {R"(os_name == 'a\')", "invalid escape"},
    {"extras == 'x'", "column 1: 'extras' is a set of names"},
    {"'x' == extras", "column 1: 'extras' is a set of names"},
    {"os_name in dependency_groups", "'dependency_groups' is a set of names"},
    {"os_name == 'é' é", "column 16: expected 'and', 'or' or the end of the marker, not 'é'"},
};

struct Meaning {
  const char* marker;
  bool holds;
};
std::ostream& operator<<(std::ostream& out, const Meaning& m) { return out << m.marker; }

// On Debian 12's Python.
const Meaning kMeanings[] = {
    {"python_version < '3.9'", false},
    {"python_version >= '3.9'", true},
    {"'3.9' <= python_version", true},
    {"python_version == '3.*'", true},
    {"python_version ~= '3.10'", true},
    {"python_version === '3.11'", true},
    {"python_version === '3.11.0'", false},
    {"python_full_version == '3.11'", false},
    {"python_full_version > '3.11.2a1'", true},
    {"python_version in '2.7, 3.11'", true},
    {"python_version not in '2.7, 3.11'", false},
    {"python_version == 'three'", false},
    {"python_version != 'three'", true},
    {"platform_release >= '5'", false},  // the release is no version, so no specifier contains it
    {"platform_release != '5'", false},
    {"platform_release < 'new'", false},
    {"platform_version < '9'", false},  // a text, never a version
    {"os_name == 'posix'", true},
    {"os_name >= 'posix'", true},
    {"os_name > 'nt'", false},
    {"'linux' in sys_platform", true},
    {"sys_platform in 'linux linux2'", true},
    {"os_name == 'nt' or sys_platform == 'linux' and platform_machine == 'x86_64'", true},
    {"(os_name == 'nt' or sys_platform == 'linux') and platform_machine == 'arm64'", false},
    {"extra == ''", true},
    {"extra == 'test'", false},
    {"os_name == sys_platform", false},
    {"sys_platform == 'LINUX'", false},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(marker)

BOOST_DATA_TEST_CASE(writes_the_canonical_spelling, data::make(kSpellings), one) {
  BOOST_TEST(Marker::parse(one.written).text() == one.text);
  BOOST_TEST(Marker::parse(one.text).text() == one.text);
}

BOOST_DATA_TEST_CASE(says_where_the_fault_is, data::make(kFaults), one) {
  BOOST_CHECK_EXCEPTION(static_cast<void>(Marker::parse(one.written)), UsageError, [&one](const UsageError& error) {
    BOOST_TEST_MESSAGE(error.message());
    return error.message().find(one.message) != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(depth_is_limited) {
  const auto nested = [](int depth) { return std::string(depth, '(') + "os_name=='x'" + std::string(depth, ')'); };
  BOOST_TEST(Marker::parse(nested(Marker::kMaxDepth)).text() == R"(os_name == "x")");
  BOOST_CHECK_THROW(static_cast<void>(Marker::parse(nested(Marker::kMaxDepth + 1))), UsageError);
  BOOST_CHECK_THROW(static_cast<void>(Marker::parse("os_name == '" + std::string(70'000, 'x') + "'")), UsageError);
}

BOOST_DATA_TEST_CASE(evaluates, data::make(kMeanings), one) {
  BOOST_TEST(Marker::parse(one.marker).evaluate(debian()) == one.holds);
}

BOOST_AUTO_TEST_CASE(extras_are_compared_normalised) {
  MarkerEnvironment environment = debian();
  environment.extra = "Foo_Bar";
  BOOST_TEST(Marker::parse("extra == 'foo.bar'").evaluate(environment));
  BOOST_TEST(!Marker::parse("extra != 'foo.bar'").evaluate(environment));
}

BOOST_AUTO_TEST_CASE(sets_have_a_meaning_in_lock_files) {
  MarkerEnvironment environment = debian();
  const Marker marker = Marker::parse("'Foo_Bar' in extras and 'doc' not in dependency_groups");
  BOOST_CHECK_THROW(static_cast<void>(marker.evaluate(environment)), UsageError);
  environment.extras = std::vector<std::string>{"foo.bar"};
  environment.dependency_groups.emplace();
  BOOST_TEST(marker.evaluate(environment));
  environment.dependency_groups->push_back("Doc");
  BOOST_TEST(!marker.evaluate(environment));
}

BOOST_AUTO_TEST_CASE(builds_between_versions_have_a_version) {
  MarkerEnvironment environment = debian();
  environment.python_full_version = "3.13.0+";
  BOOST_TEST(Marker::parse("python_full_version >= '3.13'").evaluate(environment));
}

BOOST_AUTO_TEST_CASE(a_comparison_without_meaning_is_a_fault_wherever_it_stands) {
  for (const char* marker :
       {"os_name == 'posix' or os_name ~= 'x'", "platform_machine === 'x86_64'", "python_version ~= '3'"}) {
    BOOST_TEST_CONTEXT(marker) {
      BOOST_CHECK_THROW(static_cast<void>(Marker::parse(marker).evaluate(debian())), UsageError);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
