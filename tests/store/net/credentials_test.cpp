#include "store/net/credentials.hpp"

#include <boost/test/unit_test.hpp>

namespace {

constexpr const char* kNetrc =
    "# machine commented.example login x password y\n"
    "machine one.example login user password \"with \\\"quotes\\\" and blanks\"\n"
    "macdef init\nmachine hidden.example login no password no\n\n"
    "machine Two.Example\n\tlogin second account ignored password 2\n"
    "machine one.example login later password later\n"
    "default login anybody password nothing\n";

cas::Url url(const char* text) { return cas::parse_url(text); }

}  // namespace

BOOST_AUTO_TEST_SUITE(credentials)

BOOST_AUTO_TEST_CASE(reads_netrc) {
  const auto one = cas::netrc_credentials(kNetrc, "one.example");
  BOOST_REQUIRE(one.has_value());
  BOOST_TEST(one->user == "user");
  BOOST_TEST(one->password == "with \"quotes\" and blanks");
  BOOST_TEST(cas::netrc_credentials(kNetrc, "two.example")->password == "2");
  BOOST_TEST(cas::netrc_credentials(kNetrc, "hidden.example")->user == "anybody");
  BOOST_TEST(cas::netrc_credentials(kNetrc, "commented.example")->user == "anybody");
  BOOST_TEST(!cas::netrc_credentials("machine one.example login a password b", "example"));
  BOOST_TEST(!cas::netrc_credentials("machine", "one.example"));
}

BOOST_AUTO_TEST_CASE(belong_to_an_origin) {
  cas::CredentialBook book;
  book.remember(url("https://user:pw@one.example/simple/"));
  BOOST_TEST(book.find(url("https://one.example/files/x"))->password == "pw");
  BOOST_TEST(!book.find(url("http://one.example/files/x")));
  BOOST_TEST(!book.find(url("https://one.example:8443/")));
  BOOST_TEST(!book.find(url("https://two.example/")));
}

BOOST_AUTO_TEST_CASE(what_was_given_goes_before_netrc) {
  cas::CredentialBook book(kNetrc);
  BOOST_TEST(book.find(url("https://one.example/"))->user == "user");
  BOOST_TEST(!book.given_for(url("https://one.example/")));
  book.remember(url("https://me@one.example/"));
  BOOST_TEST(book.find(url("https://one.example/"))->user == "me");
}

BOOST_AUTO_TEST_CASE(netrc_has_the_password_of_a_user_that_was_given) {
  cas::CredentialBook book(kNetrc);
  book.remember(url("https://later@one.example/"));
  BOOST_TEST(book.find(url("https://one.example/"))->password == "later");
  book.remember(url("https://user@one.example/"));
  BOOST_TEST(book.find(url("https://one.example/"))->password == "with \"quotes\" and blanks");
  book.remember(url("https://nobody@one.example/"));
  BOOST_TEST(book.find(url("https://one.example/"))->password.empty());
  book.remember(url("https://user:other@one.example/"));
  BOOST_TEST(book.find(url("https://one.example/"))->password == "other");
}

BOOST_AUTO_TEST_CASE(are_written_into_addresses) {
  const std::string with = cas::url_with_credentials("https://old:x@one.example:8443/a?b#c", {"me@x", "p:/%\xC3\xA9"});
  BOOST_TEST(with == "https://me%40x:p%3A%2F%25%C3%A9@one.example:8443/a?b");
  BOOST_TEST(cas::parse_url(with).password == "p:/%\xC3\xA9");
  BOOST_TEST(cas::url_with_credentials("https://one.example/", {"me", ""}) == "https://me@one.example/");
  BOOST_TEST(cas::url_with_credentials("file:///a", {"me", "x"}) == "file:///a");
  BOOST_TEST(cas::url_with_credentials("wheels", {"me", "x"}) == "wheels");
}

BOOST_AUTO_TEST_CASE(digests_tell_users_apart) {
  BOOST_TEST((cas::Credentials{"a", "bc"}.digest() != cas::Credentials{"ab", "c"}.digest()));
}

BOOST_AUTO_TEST_SUITE_END()
