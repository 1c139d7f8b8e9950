#include "store/net/http_options.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>

#include "store/base/error.hpp"
#include "tests/support/temp_dir.hpp"

namespace {

// What take_environment() reads, emptied for one test and put back.
class Surroundings {
 public:
  Surroundings() {
    for (const char* name : kNames) {
      const char* const value = std::getenv(name);
      saved_.emplace_back(name, value == nullptr ? "" : value);
      ::unsetenv(name);
    }
  }
  ~Surroundings() {
    for (const auto& [name, value] : saved_) {
      value.empty() ? ::unsetenv(name.c_str()) : ::setenv(name.c_str(), value.c_str(), 1);
    }
  }

 private:
  static constexpr const char* kNames[] = {"PIP_CERT",     "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE",
                                           "SSL_CERT_DIR", "PIP_CLIENT_CERT",    "NETRC",          "HOME"};
  std::vector<std::pair<std::string, std::string>> saved_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(http_options)

BOOST_AUTO_TEST_CASE(takes_the_environment) {
  const Surroundings clean;
  const cas::test::TempDir folder;
  std::ofstream(folder / ".netrc") << "machine x login y password z";
  ::setenv("SSL_CERT_FILE", "/certificates", 1);
  ::setenv("SSL_CERT_DIR", "/folder", 1);
  ::setenv("HOME", folder.path().c_str(), 1);
  cas::HttpOptions options;
  cas::take_environment(options);
  BOOST_TEST(options.ca_file == "/certificates");
  BOOST_TEST(options.ca_directory == "/folder");
  BOOST_TEST(options.netrc == "machine x login y password z");

  ::setenv("REQUESTS_CA_BUNDLE", folder.path().c_str(), 1);
  cas::HttpOptions other;
  cas::take_environment(other);
  BOOST_TEST(other.ca_file.empty());
  BOOST_TEST(other.ca_directory == folder.path());

  cas::HttpOptions given;
  given.ca_file = "/mine";
  cas::take_environment(given);
  BOOST_TEST(given.ca_file == "/mine");
}

BOOST_AUTO_TEST_CASE(a_named_netrc_must_be_there) {
  const Surroundings clean;
  cas::HttpOptions options;
  cas::take_environment(options);
  BOOST_TEST(options.netrc.empty());
  ::setenv("NETRC", "/does/not/exist", 1);
  BOOST_CHECK_THROW(cas::take_environment(options), cas::Error);
}

BOOST_AUTO_TEST_CASE(http_only_where_told) {
  cas::HttpOptions options;
  options.allow_insecure = {"Inside.example", "port.example:8080"};
  const auto may = [&](const char* url) { return cas::may_be_insecure(cas::parse_url(url), options); };
  BOOST_TEST(may("http://127.0.0.1:99/"));
  BOOST_TEST(may("http://localhost/"));
  BOOST_TEST(may("http://[::1]:1/"));
  BOOST_TEST(may("http://inside.example:99/"));
  BOOST_TEST(may("http://port.example:8080/"));
  BOOST_TEST(!may("http://port.example/"));
  BOOST_TEST(!may("http://127.example/"));
  BOOST_TEST(!may("http://127.0.0.1.example/"));
  BOOST_TEST(!may("http://notlocalhost/"));
}

BOOST_AUTO_TEST_CASE(backs_off_further_each_time) {
  const cas::HttpOptions options;
  BOOST_TEST(cas::back_off(options, 1, 0).count() == 500);
  BOOST_TEST(cas::back_off(options, 3, 0).count() == 2000);
  BOOST_TEST(cas::back_off(options, 3, 0.5).count() == 1500);
  BOOST_TEST(cas::back_off(options, 1000, 0).count() == options.max_back_off.count());
}

BOOST_AUTO_TEST_SUITE_END()
