#include "linker/installed/direct_url_reader.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "linker/direct_url.hpp"

namespace data = boost::unit_test::data;
using namespace cas;

BOOST_AUTO_TEST_SUITE(direct_url_reader_tests)

BOOST_AUTO_TEST_CASE(reads_what_cas_writes) {
  const auto digest = Sha256Digest::from_hex(std::string(64, 'a'));
  const auto read = parse_direct_url(archive_direct_url("/wheels/a b.whl", *digest));
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->url == "file:///wheels/a%20b.whl");
  BOOST_TEST(read->sha256 == digest->hex());
  BOOST_TEST(read->hash == "sha256=" + digest->hex());
  BOOST_TEST((read->kind == DirectUrl::Kind::archive));
}

BOOST_AUTO_TEST_CASE(reads_directories_and_revisions) {
  const auto directory = parse_direct_url(R"({"url": "file:///src", "dir_info": {"editable": true}})");
  BOOST_REQUIRE(directory.has_value());
  BOOST_TEST((directory->kind == DirectUrl::Kind::directory));
  BOOST_TEST(directory->editable);
  const auto revision = parse_direct_url(
      R"({"url": "https://example.org/a.git", "subdirectory": "python",
          "vcs_info": {"vcs": "git", "commit_id": "abc", "requested_revision": "main"}})");
  BOOST_REQUIRE(revision.has_value());
  BOOST_TEST((revision->kind == DirectUrl::Kind::version_control));
  BOOST_TEST(revision->vcs == "git");
  BOOST_TEST(revision->commit_id == "abc");
  BOOST_TEST(revision->requested_revision == "main");
  BOOST_TEST(revision->subdirectory == "python");
}

// What is no digest is none; the newer field counts first.
BOOST_AUTO_TEST_CASE(digests_are_digests) {
  const std::string a(64, 'A'), b(64, 'b');
  const auto sha256 = [](const std::string& info) {
    return parse_direct_url(R"({"url": "https://example.org/a.whl", "archive_info": {)" + info + "}}")->sha256;
  };
  BOOST_TEST(sha256("") == "");
  BOOST_TEST(sha256(R"("hash": "md5=00")") == "");
  BOOST_TEST(sha256(R"("hash": "sha256=00")") == "");
  BOOST_TEST(sha256(R"("hash": "sha256=)" + b + "\"") == b);
  BOOST_TEST(sha256(R"("hash": "sha256=)" + b + R"(", "hashes": {"sha256": ")" + a + "\"}") == std::string(64, 'a'));
}

const char* const kRefused[] = {
    "",
    "[",
    "[]",
    "1",
    "{}",
    R"({"url": "https://example.org"})",
    R"({"url": 1, "archive_info": {}})",
    R"({"archive_info": {}})",
    R"({"url": "https://example.org", "archive_info": 1})",
    R"({"url": "https://example.org", "archive_info": {"hashes": []}})",
    R"({"url": "https://example.org/a\n-e /evil", "archive_info": {}})",
    R"({"url": "https://example.org/a --config-settings=x", "archive_info": {}})",
    R"({"url": "https://example.org", "vcs_info": {"vcs": "git"}})",
    R"({"url": "https://example.org", "dir_info": {"editable": "yes"}})",
    "{\"url\": \"\xff\", \"archive_info\": {}}",
};
BOOST_DATA_TEST_CASE(refuses_the_rest, data::make(kRefused), text) { BOOST_TEST(!parse_direct_url(text).has_value()); }

BOOST_AUTO_TEST_CASE(depth_is_no_danger) { BOOST_TEST(!parse_direct_url(std::string(60'000, '[')).has_value()); }

BOOST_AUTO_TEST_SUITE_END()
