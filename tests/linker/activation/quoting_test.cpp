#include "linker/activation/quoting.hpp"

#include <boost/test/unit_test.hpp>

namespace {

// What makes trouble in one shell or another.
constexpr std::string_view kAll = "a b'c\"d$e`f\\g!h\ni#j%k";

}  // namespace

BOOST_AUTO_TEST_SUITE(activation_quoting)

BOOST_AUTO_TEST_CASE(nothing_is_a_literal_too) {
  for (const auto& quoted : {cas::posix_quoted(""), cas::fish_quoted(""), cas::csh_quoted(""),
                             cas::powershell_quoted(""), cas::python_quoted("")}) {
    BOOST_TEST(quoted == "''");
  }
  BOOST_TEST(cas::nushell_quoted("") == "\"\"");
}

BOOST_AUTO_TEST_CASE(posix_shells_interpret_nothing_but_the_quote) {
  BOOST_TEST(cas::posix_quoted(kAll) == "'a b'\\''c\"d$e`f\\g!h\ni#j%k'");
  BOOST_TEST(cas::posix_quoted("''") == "''\\'''\\'''");
  BOOST_TEST(cas::posix_quoted("\xff") == "'\xff'");
}

BOOST_AUTO_TEST_CASE(fish_interprets_backslashes_in_quotes) {
  BOOST_TEST(cas::fish_quoted(kAll) == "'a b\\'c\"d$e`f\\\\g!h\ni#j%k'");
}

BOOST_AUTO_TEST_CASE(csh_replaces_exclamation_marks_and_ends_lines_in_quotes) {
  BOOST_TEST(cas::csh_quoted(kAll) == "'a b'\\''c\"d$e`f\\g\\!h\\\ni#j%k'");
}

BOOST_AUTO_TEST_CASE(powershell_knows_five_single_quotes) {
  BOOST_TEST(cas::powershell_quoted(kAll) == "'a b''c\"d$e`f\\g!h\ni#j%k'");
  BOOST_TEST(cas::powershell_quoted("\u2017\u2018\u2019\u201A\u201B\u201C") ==
             "'\u2017\u2018\u2018\u2019\u2019\u201A\u201A\u201B\u201B\u201C'");
  BOOST_TEST(cas::powershell_quoted("a\xff") == "''");
}

BOOST_AUTO_TEST_CASE(nushell_interprets_backslashes_and_gets_control_characters_by_number) {
  BOOST_TEST(cas::nushell_quoted(kAll) == "\"a b'c\\\"d$e`f\\\\g!h\\u{a}i#j%k\"");
  BOOST_TEST(cas::nushell_quoted("ü\x1b") == "\"ü\\u{1b}\"");
  BOOST_TEST(cas::nushell_quoted("a\xff") == "\"\"");
}

BOOST_AUTO_TEST_CASE(python_gets_ascii) {
  BOOST_TEST(cas::python_quoted(kAll) == "'a b\\'c\"d$e`f\\\\g!h\\u000ai#j%k'");
  BOOST_TEST(cas::python_quoted("ü日😀") == "'\\u00fc\\u65e5\\U0001f600'");
  BOOST_TEST(cas::python_quoted("a\xff\xc3") == "'a\\udcff\\udcc3'");
}

BOOST_AUTO_TEST_SUITE_END()
