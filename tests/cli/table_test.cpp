#include "cli/table.hpp"

#include <boost/test/unit_test.hpp>

namespace cas {

BOOST_AUTO_TEST_SUITE(table)

BOOST_AUTO_TEST_CASE(columns_are_aligned_and_lines_end_without_blanks) {
  TextTable table({{"Name"}, {"Size", Align::right}, {"Note"}});
  table.add_row({"a", "1,000", ""});
  table.add_row({"longer", "7", "x"});
  BOOST_TEST(table.text() ==
             "Name     Size  Note\n"
             "a       1,000\n"
             "longer      7  x\n");
}

BOOST_AUTO_TEST_CASE(width_is_counted_in_code_points) {
  BOOST_TEST(display_width("") == 0u);
  BOOST_TEST(display_width("abc") == 3u);
  BOOST_TEST(display_width("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80") == 3u);
  TextTable table({{"A"}, {"B"}});
  table.add_row({"\xC3\xA4\xC3\xB6", "1"});
  table.add_row({"xyz", "2"});
  BOOST_TEST(table.text() == "A    B\n\xC3\xA4\xC3\xB6   1\nxyz  2\n");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf8_count_one_each) {
  BOOST_TEST(display_width("\xFF\x80") == 2u);
  BOOST_TEST(display_width("\xE2\x82") == 2u);  // cut off
  BOOST_TEST(display_width("\xC3x") == 2u);
}

BOOST_AUTO_TEST_CASE(text_that_fits_is_not_elided) {
  BOOST_TEST(elide_middle("abcde", 5) == "abcde");
  BOOST_TEST(elide_middle("", 0) == "");
}

BOOST_AUTO_TEST_CASE(the_middle_is_elided_between_code_points) {
  BOOST_TEST(elide_middle("abcdefgh", 5) == "ab\xE2\x80\xA6gh");
  BOOST_TEST(elide_middle("abcdefgh", 4) == "a\xE2\x80\xA6gh");
  BOOST_TEST(elide_middle("\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4", 3) == "\xC3\xA4\xE2\x80\xA6\xC3\xA4");
  BOOST_TEST(elide_middle("abc", 1) == "\xE2\x80\xA6");
  BOOST_TEST(elide_middle("abc", 0) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cas
