#include "store/net/http_headers.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace data = boost::unit_test::data;

namespace {

const char* const kNoRanges[] = {
    "",           "bytes",       "bytes */5",   "bytes 0-4",   "bytes 5-4/9",
    "bytes -4/5", "bytes 0-5/5", "items 0-4/5", "bytes 0-4/x", "bytes 0-99999999999999999999/*"};

}  // namespace

BOOST_AUTO_TEST_SUITE(http_headers)

BOOST_AUTO_TEST_CASE(finds_fields) {
  cas::HttpHeaders headers;
  headers.add_line("ETag: \"x\"\r\n");
  headers.add_line("Cache-Control:no-cache\r\n");
  headers.add_line("cache-control: max-age=3\r\n");
  headers.add_line("Smuggled : yes\r\n");
  headers.add_line("\r\n");
  BOOST_TEST(headers.first("etag").value() == "\"x\"");
  BOOST_TEST(headers.joined("cache-control") == "no-cache, max-age=3");
  BOOST_TEST(!headers.first("smuggled"));
  BOOST_TEST(!headers.first("smuggled "));
}

BOOST_AUTO_TEST_CASE(reads_ranges) {
  const auto range = cas::parse_content_range("Bytes 10-19/20");
  BOOST_REQUIRE(range.has_value());
  BOOST_TEST(range->first == 10U);
  BOOST_TEST(range->last == 19U);
  BOOST_TEST(range->total.value() == 20U);
  BOOST_TEST(!cas::parse_content_range("bytes 0-4/*")->total);
}

BOOST_DATA_TEST_CASE(refuses_other_ranges, data::make(kNoRanges), text) { BOOST_TEST(!cas::parse_content_range(text)); }

BOOST_AUTO_TEST_CASE(reads_cache_control) {
  const cas::CacheControl control = cas::parse_cache_control("public, Max-Age=\"600\" , no-cache");
  BOOST_TEST(control.no_cache);
  BOOST_TEST(!control.no_store);
  BOOST_TEST(control.max_age->count() == 600);
  BOOST_TEST(cas::parse_cache_control("max-age=-1").max_age->count() == 0);
  BOOST_TEST(cas::parse_cache_control("max-age=1e9").max_age->count() == 0);
  BOOST_TEST(cas::parse_cache_control("no-store").no_store);
  BOOST_TEST(!cas::parse_cache_control("max-age").max_age);
}

BOOST_AUTO_TEST_CASE(knows_media_types_and_etags) {
  BOOST_TEST(cas::media_type("Text/HTML ; charset=utf-8") == "text/html");
  BOOST_TEST(cas::is_strong_etag("\"a\""));
  BOOST_TEST(!cas::is_strong_etag("W/\"a\""));
  BOOST_TEST(!cas::is_strong_etag("\""));
}

BOOST_AUTO_TEST_SUITE_END()
