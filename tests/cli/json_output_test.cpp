#include "cli/json_output.hpp"

#include <boost/test/unit_test.hpp>

namespace cas {

BOOST_AUTO_TEST_SUITE(json_output)

BOOST_AUTO_TEST_CASE(documents_begin_with_format_and_command) {
  BOOST_TEST(json_text(json_document("store info")) == "{\n  \"format\": 1,\n  \"command\": \"store info\"\n}\n");
}

BOOST_AUTO_TEST_CASE(fields_keep_their_order) {
  Json document = json_document("x");
  document["zebra"] = 1;
  document["ape"] = 2;
  const std::string text = json_text(document);
  BOOST_TEST(text.find("zebra") < text.find("ape"));
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf8_are_replaced) {
  Json document = json_document("x");
  document["path"] = "/a\xFF/b";
  BOOST_TEST(json_text(document).find("/a\xEF\xBF\xBD/b") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(errors_without_hint_have_null) {
  const Json error = json_error("usage", "bad", "");
  BOOST_TEST(error["kind"] == "usage");
  BOOST_TEST(error["message"] == "bad");
  BOOST_TEST(error["hint"].is_null());
  BOOST_TEST(json_error("usage", "bad", "do")["hint"] == "do");
}

BOOST_AUTO_TEST_CASE(times_are_iso_or_null) {
  BOOST_TEST(json_time(0).is_null());
  BOOST_TEST(json_time(1'714'564'800) == "2024-05-01T12:00:00Z");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cas
