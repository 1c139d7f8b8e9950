#include "store/base/lines.hpp"

#include <boost/test/unit_test.hpp>

using namespace cas;
using Lines = std::vector<std::string_view>;

BOOST_AUTO_TEST_SUITE(lines_tests)

BOOST_AUTO_TEST_CASE(text_is_cut_at_line_feeds) {
  BOOST_TEST((lines_of("") == Lines{}));
  BOOST_TEST((lines_of("a") == Lines{"a"}));
  BOOST_TEST((lines_of("a\n\nb\r\n") == Lines{"a", "", "b\r"}));
  BOOST_TEST((lines_of("\n") == Lines{""}));
  BOOST_TEST(joined_lines({"a", "b"}) == "a\nb\n");
}

BOOST_AUTO_TEST_CASE(what_programs_print_is_harmless_and_indented) {
  BOOST_TEST(printable_lines(" \n") == "");
  BOOST_TEST(printable_lines("\none\n\ntwo \x1b[31m https://me:secret@example.org/\n") ==
             "one\n  \n  two \\x1b[31m https://example.org/");
}

BOOST_AUTO_TEST_SUITE_END()
