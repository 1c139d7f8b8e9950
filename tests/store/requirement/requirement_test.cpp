#include "store/requirement/requirement.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;
using cas::parse_requirement;
using cas::Requirement;
using cas::UsageError;

namespace {

struct Spelling {
  const char* written;
  const char* text;
};
std::ostream& operator<<(std::ostream& out, const Spelling& s) { return out << s.written; }

const Spelling kSpellings[] = {
    {"requests", "requests"},
    {" Foo.Bar_x ", "Foo.Bar_x"},
    {"foo>=1,<2", "foo<2,>=1"},
    {"foo (>=1, <2)", "foo<2,>=1"},
    {"foo(==1.*)", "foo==1.*"},
    {"foo ()", "foo"},
    {"foo >= 1 , != 1.5 ,", "foo!=1.5,>=1"},
    {"foo==1.0,==1.0.0", "foo==1.0"},
    {"foo===nightly", "foo===nightly"},
    {"foo[]", "foo"},
    {"foo [ B_c , a,a ]~=1.4", "foo[a,b-c]~=1.4"},
    {"foo;extra=='X'", "foo; extra == \"x\""},
    {"foo >=1 ; python_version < '3' or os_name == 'nt'", "foo>=1; python_version < \"3\" or os_name == \"nt\""},
    {"foo@https://example.org/a.whl", "foo @ https://example.org/a.whl"},
    {"foo[x] @ git+https://example.org/a@v1#egg=foo ; os_name=='x'",
     "foo[x] @ git+https://example.org/a@v1#egg=foo ; os_name == \"x\""},
    {"foo @ file:///a;b ", "foo @ file:///a;b"},
};

struct Fault {
  const char* written;
  const char* message;  // a part of it
};
std::ostream& operator<<(std::ostream& out, const Fault& f) { return out << f.written; }

const Fault kFaults[] = {
    {"", "column 1: expected a package's name, not the end"},
    {"-r x", "column 1: '-r' is not a package's name"},
    {"foo_", "column 1: 'foo_' is not a package's name"},
    {"é", "column 1: expected a package's name, not 'é'"},
    {"foo bar", "column 5: expected versions (like >=1.0), '@' and a URL, ';' and a marker, or the end, not 'b'"},
    {"foo=1", "column 4: '=1' is not a comparison with a version"},
    {"foo>=1.*", "column 4: '>=1.*' is not a comparison"},
    {"foo>=1 <2", "column 4: '>=1 <2' is not a comparison"},
    {"foo>=1,,<2", "column 8: expected ',' and a further version, ';' and a marker, or the end, not ','"},
    {"foo (>=1", "column 5: '(' has no ')'"},
    {"foo (>=1; os_name=='x'", "column 9: expected ',' or ')' after a version, not ';'"},
    {"foo>=1)", "column 7: expected ',' and a further version"},
    {"foo[a b]", "column 7: expected ',' or ']' after an extra's name, not 'b'"},
    {"foo[a,]", "column 7: expected an extra's name, not ']'"},
    {"foo[a", "column 6: expected ',' or ']'"},
    {"foo @ ", "column 7: expected a URL after '@', not the end"},
    {"foo @ https://example.org/a os_name", "expected ';' and a marker, or the end, after the URL, not 'o'"},
    {"foo;", "column 5: expected a marker variable"},
    {"foo==1\n", "column 7: a control character has no place here"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(requirement)

BOOST_DATA_TEST_CASE(writes_the_canonical_spelling, data::make(kSpellings), one) {
  BOOST_TEST(parse_requirement(one.written).text() == one.text);
  BOOST_TEST(parse_requirement(one.text).text() == one.text);
}

BOOST_DATA_TEST_CASE(says_where_the_fault_is, data::make(kFaults), one) {
  BOOST_CHECK_EXCEPTION(static_cast<void>(parse_requirement(one.written)), UsageError, [&one](const UsageError& error) {
    BOOST_TEST_MESSAGE(error.message());
    return error.message().find(one.message) != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(knows_the_parts) {
  const Requirement requirement = parse_requirement("Foo.Bar[Z,a_b]==1.0; os_name == 'posix'");
  BOOST_TEST(requirement.name == "Foo.Bar");
  BOOST_TEST(requirement.normalized == "foo-bar");
  BOOST_TEST(requirement.extras == (std::vector<std::string>{"a-b", "z"}), boost::test_tools::per_element());
  BOOST_TEST(requirement.specifiers.exact_version()->text() == "1.0");
  BOOST_TEST(requirement.url.empty());
  BOOST_TEST(requirement.marker.has_value());
}

BOOST_AUTO_TEST_CASE(a_single_equals_sign_gets_a_hint) {
  BOOST_CHECK_EXCEPTION(static_cast<void>(parse_requirement("foo=1")), UsageError,
                        [](const UsageError& error) { return error.hint() == "did you mean '=='?"; });
}

BOOST_AUTO_TEST_CASE(sizes_are_limited) {
  std::string many = "foo";
  for (int i = 0; i < 300; ++i) many += ">=1,";
  BOOST_CHECK_THROW(static_cast<void>(parse_requirement(many)), UsageError);
  BOOST_CHECK_THROW(static_cast<void>(parse_requirement(std::string(70'000, 'a'))), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()
