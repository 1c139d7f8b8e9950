#include "store/pylock/installation_report.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;
using cas::parse_installation_report;
using cas::Pylock;

namespace {

const std::string kDigest(64, 'a');

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);  // replace() throws where there is none
  return text.replace(at, from.size(), to);
}

const std::string kReport = R"({"version": "1", "pip_version": "23.0.1", "install": [{
  "download_info": {"url": "https://user:secret@files.example/a/Six-1.17.0-py3-none-any.whl#x",
    "archive_info": {"hash": "sha256=)" +
                            kDigest + R"(", "hashes": {"sha256": ")" + kDigest + R"("}}},
  "is_direct": false, "requested": true,
  "metadata": {"name": "Six", "version": "1.17.0", "description": "x"}}], "environment": {}})";

}  // namespace

BOOST_AUTO_TEST_SUITE(installation_report_tests)

BOOST_AUTO_TEST_CASE(what_would_be_installed_is_a_lock) {
  const Pylock lock = parse_installation_report(kReport, "report");
  BOOST_REQUIRE(lock.packages.size() == 1);
  BOOST_TEST(lock.packages[0].name == "six");
  BOOST_TEST(lock.packages[0].version == "1.17.0");
  BOOST_REQUIRE(lock.packages[0].wheels.size() == 1);
  BOOST_TEST(lock.packages[0].wheels[0].url == "https://files.example/a/Six-1.17.0-py3-none-any.whl");
  BOOST_TEST(lock.packages[0].wheels[0].sha256()->hex() == kDigest);
  // It is a lock that can be written and read.
  BOOST_TEST(cas::parse_pylock(pylock_text(lock), "again").packages.size() == 1);
}

BOOST_AUTO_TEST_CASE(what_was_named_by_its_address_is_an_archive) {
  const Pylock lock =
      parse_installation_report(replaced(kReport, "\"is_direct\": false", "\"is_direct\": true"), "report");
  BOOST_TEST(lock.packages.at(0).archive.has_value());
  BOOST_TEST(lock.packages.at(0).wheels.empty());
}

BOOST_AUTO_TEST_CASE(a_file_of_this_machine_is_a_path) {
  const Pylock lock = parse_installation_report(
      replaced(kReport, "https://user:secret@files.example/a/Six-1", "file:///a%20b/six-1"), "report");
  BOOST_TEST(lock.packages.at(0).wheels.at(0).path == "/a b/six-1.17.0-py3-none-any.whl");
  BOOST_TEST(lock.packages.at(0).wheels.at(0).url.empty());
}

BOOST_AUTO_TEST_CASE(older_reports_have_one_hash) {
  const Pylock lock = parse_installation_report(replaced(kReport, "\"hashes\"", "\"others\""), "report");
  BOOST_TEST(lock.packages.at(0).wheels.at(0).sha256()->hex() == kDigest);
}

const std::vector<std::string> kNoReports{
    "",
    "[]",
    "{}",
    "1",
    R"({"version": "2", "install": []})",
    R"({"version": 1, "install": []})",
    R"({"version": "1", "install": {}})",
    R"({"version": "1", "install": [1]})",
    replaced(kReport, "\"name\": \"Six\"", "\"name\": \"../x\""),
    replaced(kReport, "\"name\": \"Six\"", "\"name\": 1"),
    replaced(kReport, "\"version\": \"1.17.0\"", "\"version\": \"x y\""),
    replaced(kReport, "archive_info", "vcs_info"),
    replaced(kReport, "https://user", "ssh://user"),
    replaced(kReport, "a/Six-1.17.0-py3-none-any.whl#x", "a/"),
    replaced(kReport, "a/Six-1.17.0-py3-none-any.whl#x", "a/%2e%2e%2fx.whl"),
    replaced(kReport, "\"hashes\": {\"sha256\": \"a", "\"hashes\": {\"sha256\": \"g"),
    replaced(kReport, "\"hashes\": {\"sha256\": \"a", "\"hashes\": {\"sha256\": \""),
    replaced(kReport, "\"hashes\": {\"sha256\"", "\"hashes\": {\"a=b'\\n\""),
    replaced(replaced(kReport, "\"hash\"", "\"x\""), "\"hashes\"", "\"y\""),
    std::string(1'000'000, '['),
    kReport.substr(0, kReport.size() - 1),
};
BOOST_DATA_TEST_CASE(what_is_no_report, data::make(kNoReports), text) {
  BOOST_TEST_CONTEXT(text.substr(0, 400)) {
    BOOST_CHECK_THROW((void)parse_installation_report(text, "report"), cas::InvalidInput);
  }
}

BOOST_AUTO_TEST_SUITE_END()
