#include "store/source/metadata_headers.hpp"

#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"

using cas::MetadataHeaders;

BOOST_AUTO_TEST_SUITE(metadata_headers)

BOOST_AUTO_TEST_CASE(reads_headers_in_order) {
  const auto headers = MetadataHeaders::parse(
      "Name: demo\nRequires-Dist: a\nrequires-dist:  b ; extra == 'x'  \nEmpty:\n\nName: body\n", "METADATA");
  BOOST_TEST(headers.first("NAME").value() == "demo");
  BOOST_TEST(headers.first("Empty").value() == "");
  BOOST_TEST(!headers.first("Version").has_value());
  const std::vector<std::string> all = headers.all("Requires-Dist");
  BOOST_REQUIRE(all.size() == 2U);
  BOOST_TEST(all[1] == "b ; extra == 'x'");
  BOOST_TEST(headers.all("Name").size() == 1U);
  BOOST_TEST(!headers.stray_line().has_value());
}

BOOST_AUTO_TEST_CASE(accepts_crlf_bom_continuations_and_no_final_newline) {
  const auto headers = MetadataHeaders::parse(
      "\xEF\xBB\xBFName: demo\r\nLicense: one\r\n  two\r\n\tthree\r\n \r\nVersion: 1", "METADATA");
  BOOST_TEST(headers.first("Name").value() == "demo");
  BOOST_TEST(headers.first("License").value() == "one two three");
  BOOST_TEST(headers.first("Version").value() == "1");
}

BOOST_AUTO_TEST_CASE(value_may_contain_colons) {
  BOOST_TEST(MetadataHeaders::parse("Home-page: https://x.example:8/\n", "METADATA").first("Home-page").value() ==
             "https://x.example:8/");
}

BOOST_AUTO_TEST_CASE(stops_at_a_line_that_is_no_header) {
  const auto headers = MetadataHeaders::parse("Name: demo\nthis is text\nVersion: 1\n", "METADATA");
  BOOST_TEST(headers.stray_line().value() == "this is text");
  BOOST_TEST(!headers.first("Version").has_value());
  BOOST_TEST(MetadataHeaders::parse("A: 1\nb c: 2\n", "METADATA").stray_line().value() == "b c: 2");
}

BOOST_AUTO_TEST_CASE(body_may_have_any_encoding) {
  BOOST_TEST(MetadataHeaders::parse("Name: demo\n\ncaf\xE9\n", "METADATA").first("Name").value() == "demo");
}

BOOST_AUTO_TEST_CASE(refuses) {
  BOOST_CHECK_THROW((void)MetadataHeaders::parse("Author: caf\xE9\n", "METADATA"), cas::InvalidInput);
  BOOST_CHECK_THROW((void)MetadataHeaders::parse(" continued\n", "METADATA"), cas::InvalidInput);
  BOOST_CHECK_THROW((void)MetadataHeaders::parse(std::string("Name: a\0b\n", 10), "METADATA"), cas::InvalidInput);
}

BOOST_AUTO_TEST_CASE(empty_text_has_no_headers) {
  BOOST_TEST(!MetadataHeaders::parse("", "WHEEL").first("Name").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
