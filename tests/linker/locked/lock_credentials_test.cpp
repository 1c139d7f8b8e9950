#include "linker/locked/lock_credentials.hpp"

#include <boost/test/unit_test.hpp>

#include "store/net/url.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using cas::test::TempStore;

BOOST_FIXTURE_TEST_SUITE(lock_credentials_tests, TempStore)

BOOST_AUTO_TEST_CASE(credentials_go_to_the_network_and_not_into_the_lock) {
  PackageNetwork network(store, {});
  Pylock lock;
  LockedPackage& package = lock.packages.emplace_back();
  package.name = "six";
  package.archive.emplace();
  package.archive->url = "https://me:s3cret@example.org/six.zip";
  package.wheels.emplace_back().url = "https://me:s3cret@example.org/six.whl#sha256=00";
  LockedVcs& vcs = package.vcs.emplace();
  vcs.url = "https://token@git.example.org/six";
  take_credentials(network, lock);
  BOOST_TEST(package.archive->url == "https://example.org/six.zip");
  BOOST_TEST(package.wheels[0].url == "https://example.org/six.whl#sha256=00");
  BOOST_TEST(package.vcs->url == "https://git.example.org/six");
  BOOST_TEST(pylock_text(lock).find("s3cret") == std::string::npos);
  const auto kept = network.credentials_for(parse_url("https://example.org/other"));
  BOOST_REQUIRE(kept.has_value());
  BOOST_TEST(kept->user == "me");
  BOOST_TEST(kept->password == "s3cret");
  BOOST_TEST(network.credentials_for(parse_url("https://git.example.org/x"))->user == "token");
  BOOST_TEST(!network.credentials_for(parse_url("https://else.example.org/x")).has_value());
}

BOOST_AUTO_TEST_CASE(git_is_told_in_its_environment) {
  PackageNetwork network(store, {});
  const GitAddress address = git_address(network, "https://me:p%40ss@example.org:8443/r.git");
  BOOST_TEST(address.url == "https://example.org:8443/r.git");
  BOOST_REQUIRE(address.settings.size() == 3U);
  BOOST_TEST(address.settings[1].ends_with("=url.https://me:p%40ss@example.org:8443/.insteadOf"));
  BOOST_TEST(address.settings[2].ends_with("=https://example.org:8443/"));
  BOOST_TEST(git_address(network, "https://example.org:8443/other").settings.size() == 3U);
  BOOST_TEST(git_address(network, "https://example.org/r").settings.empty());
  BOOST_TEST(git_address(network, "ssh://git@example.org/r").url == "ssh://git@example.org/r");
}

BOOST_AUTO_TEST_CASE(repositories_and_other_addresses) {
  PackageNetwork network(store, {});
  BOOST_TEST(take_credentials(network, "git+https://u:p@example.org/r@v1#egg=x") ==
             "git+https://example.org/r@v1#egg=x");
  for (const std::string url : {"git+ssh://git@example.org/r", "file:///a@b", "../relative", "https://example.org/x"}) {
    BOOST_TEST(take_credentials(network, url) == url);
    BOOST_TEST(!holds_credentials(url));
  }
  BOOST_TEST(holds_credentials("https://u:p@example.org/"));
}

BOOST_AUTO_TEST_SUITE_END()
