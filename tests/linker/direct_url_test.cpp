#include "linker/direct_url.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(direct_url_tests)

BOOST_AUTO_TEST_CASE(urls_keep_only_unreserved_characters) {
  BOOST_TEST(cas::file_url("/a/B-9_.~/c.whl") == "file:///a/B-9_.~/c.whl");
  BOOST_TEST(cas::file_url("/a b/%/\"#?\\\xc3\xa9\xff\n") == "file:///a%20b/%25/%22%23%3F%5C%C3%A9%FF%0A");
}

BOOST_AUTO_TEST_CASE(urls_are_named_without_credentials) {
  const std::string text =
      cas::archive_direct_url(cas::parse_url("https://u:secret@example.org/x.whl"), cas::empty_digest());
  BOOST_TEST(text.find("\"url\": \"https://example.org/x.whl\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(archives_are_named_with_both_forms_of_their_hash) {
  BOOST_TEST(cas::archive_direct_url("/w/x-1.0-py3-none-any.whl", cas::empty_digest()) ==
             R"({"archive_info": {"hash": "sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", )"
             R"("hashes": {"sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}, )"
             R"("url": "file:///w/x-1.0-py3-none-any.whl"})");
}

BOOST_AUTO_TEST_SUITE_END()
