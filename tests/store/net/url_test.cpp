#include "store/net/url.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <tuple>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;

namespace {

const char* const kNoUrls[] = {"",
                               "example.org/x",
                               "ftp://example.org/",
                               "https:example.org",
                               "https:///path",
                               "https://exa mple.org/",
                               "https://example.org\\@evil.example/",
                               "https://example.org/a b",
                               "https://example.org/a\nb",
                               "https://example.org:0/",
                               "https://example.org:65536/",
                               "https://example.org:80x/",
                               "https://a@b@example.org/",
                               "https://user:pa%zz@example.org/",
                               "https://user:pa%00@example.org/",
                               "https://ex\xC3\xA4mple.org/",
                               "https://[::1/",
                               "https://[fe80::1%25eth0]/",
                               "https://-x.example/",
                               "file://host/etc/passwd",
                               "javascript:alert(1)"};

const std::tuple<const char*, const char*> kParsed[] = {
    {"HTTPS://Example.ORG", "https://example.org/"},
    {"https://example.org:443/a/../b/./c", "https://example.org/b/c"},
    {"http://example.org:443/", "http://example.org:443/"},
    {"https://example.org/../../a//b/", "https://example.org/a//b/"},
    {"https://[::1]:8080/x?y=z#f", "https://[::1]:8080/x?y=z"},
    {"https://us%40er:p%3Aw@example.org/x", "https://example.org/x"},
    {"file:///a%20b/", "file:///a%20b/"},
    {"file://localhost/a", "file:///a"}};

// RFC 3986, 5.4, as far as it is about http, and what pages hold in practice.
const std::tuple<const char*, const char*> kResolved[] = {
    {"g", "https://a.example/b/c/g"},
    {"./g", "https://a.example/b/c/g"},
    {"g/", "https://a.example/b/c/g/"},
    {"/g", "https://a.example/g"},
    {"//g.example", "https://g.example/"},
    {"?y", "https://a.example/b/c/d?y"},
    {"g?y", "https://a.example/b/c/g?y"},
    {"#s", "https://a.example/b/c/d?q"},
    {"", "https://a.example/b/c/d?q"},
    {".", "https://a.example/b/c/"},
    {"..", "https://a.example/b/"},
    {"../g", "https://a.example/b/g"},
    {"../../../g", "https://a.example/g"},
    {"g/../h", "https://a.example/b/c/h"},
    {"  ../x y.whl\n", "https://a.example/b/x%20y.whl"},
    {"caf\xC3\xA9%20.whl", "https://a.example/b/c/caf%C3%A9%20.whl"},
    {"50%.whl", "https://a.example/b/c/50%25.whl"},
    {"HTTP://other.example:80/x", "http://other.example/x"}};

const char* const kUnresolved[] = {"mailto:x@y", "https:g", "https://",   "data:text/html,x",
                                   "a\\b",       "a\tb",    "//user@x@y/"};

const std::tuple<const char*, const char*> kRedacted[] = {
    {"https://user:secret@example.org/x", "https://example.org/x"},
    {"https://secret@example.org/x", "https://example.org/x"},
    {"https://example.org/x?X-Signature=secret", "https://example.org/x?..."},
    {"https://example.org/x#secret", "https://example.org/x"},
    {"https://user:se@cret@example.org/", "https://(a URL with credentials)"},
    {"https://user:se/cret@example.org/", "https://(a URL with credentials)"},
    {"user:secret@example.org", "user://(a URL with credentials)"},
    {"1user:secret@example.org", "(a URL with credentials)"},
    {"ftp://example.org/a?secret", "ftp://example.org/a"},
    {"https://example.org/@scope/x", "https://example.org/@scope/x"}};

}  // namespace

BOOST_AUTO_TEST_SUITE(url)

BOOST_DATA_TEST_CASE(refuses_what_parsers_could_read_differently, data::make(kNoUrls), text) {
  BOOST_TEST(!cas::try_parse_url(text));
  BOOST_CHECK_THROW(static_cast<void>(cas::parse_url(text)), cas::InvalidInput);
}

BOOST_DATA_TEST_CASE(parses, data::make(kParsed), text, expected) {
  BOOST_TEST(cas::parse_url(text).text() == expected);
}

BOOST_AUTO_TEST_CASE(takes_credentials_out) {
  const cas::Url url = cas::parse_url("https://us%40er:p%3Aw@example.org:8443/x");
  BOOST_TEST(url.has_credentials);
  BOOST_TEST(url.user == "us@er");
  BOOST_TEST(url.password == "p:w");
  BOOST_TEST(url.origin() == "https://example.org:8443");
  BOOST_TEST(!cas::parse_url("https://@example.org/").has_credentials);
}

BOOST_DATA_TEST_CASE(resolves, data::make(kResolved), reference, expected) {
  const auto url = cas::resolve_url(cas::parse_url("https://a.example/b/c/d?q"), reference);
  BOOST_REQUIRE(url.has_value());
  BOOST_TEST(url->text() == expected);
}

BOOST_DATA_TEST_CASE(resolves_nothing_doubtful, data::make(kUnresolved), reference) {
  BOOST_TEST(!cas::resolve_url(cas::parse_url("https://a.example/b/c/d?q"), reference));
}

BOOST_DATA_TEST_CASE(redacts, data::make(kRedacted), text, expected) {
  BOOST_TEST(cas::redacted_url(text) == expected);
}

BOOST_AUTO_TEST_CASE(messages_hold_no_password) {
  BOOST_CHECK_EXCEPTION(static_cast<void>(cas::parse_url("https://user:sec ret@example.org/")), cas::InvalidInput,
                        [](const cas::Error& error) { return error.message().find("ret") == std::string::npos; });
}

BOOST_AUTO_TEST_CASE(too_long_is_no_url) {
  const std::string base = "https://example.org/";
  BOOST_TEST(cas::try_parse_url(base + std::string(cas::kMaxUrlBytes - base.size(), 'a')).has_value());
  BOOST_TEST(!cas::try_parse_url(base + std::string(cas::kMaxUrlBytes, 'a')));
  // Each blank becomes three bytes.
  BOOST_TEST(!cas::resolve_url(cas::parse_url(base), std::string(3000, 'a') + std::string(3000, ' ') + "b"));
}

BOOST_AUTO_TEST_CASE(knows_paths_of_files) {
  const std::string path = "/tmp/a b/100%?#\xC3\xA9.whl";
  BOOST_TEST(cas::file_path(cas::parse_url(cas::file_url(path))) == path);
  BOOST_TEST(cas::url_file_name(cas::parse_url("https://example.org/a/x%2B1.whl?y")) == "x+1.whl");
  BOOST_CHECK_THROW(static_cast<void>(cas::file_path(cas::parse_url("file:///a/%2e%2e/b"))), cas::InvalidInput);
  BOOST_CHECK_THROW(static_cast<void>(cas::file_path(cas::parse_url("file:///a%2Fb"))), cas::InvalidInput);
  BOOST_CHECK_THROW(static_cast<void>(cas::file_path(cas::parse_url("https://example.org/b"))), cas::InvalidInput);
}

BOOST_AUTO_TEST_SUITE_END()
