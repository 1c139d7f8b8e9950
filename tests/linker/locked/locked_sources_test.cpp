#include "linker/locked/locked_sources.hpp"

#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;

namespace {

struct Fixture {
  test::TempStore temp;

  [[nodiscard]] LockedSources sources(const std::string& where) const {
    const Pylock lock = parse_pylock(
        "lock-version = '1.0'\ncreated-by = 'a test'\n[[packages]]\nname = 'p'\nversion = '1.0'\n" + where + "\n", "l");
    return locked_sources(temp.store, lock.packages.at(0), "l", temp.dir.path());
  }
};

const std::string kDigest(64, 'a');
const std::string kCommit(40, 'b');

}  // namespace

BOOST_FIXTURE_TEST_SUITE(locked_sources_tests, Fixture)

BOOST_AUTO_TEST_CASE(an_sdist_of_an_index_was_chosen_by_name) {
  const LockedSources found =
      sources("sdist = {url = 'https://example.org/p-1.0.tar.gz', hashes = {sha256 = '" + kDigest + "'}}");
  BOOST_TEST((found.source.kind == SourceKind::archive));
  BOOST_TEST(found.source.file_name == "p-1.0.tar.gz");
  BOOST_TEST(found.source.path.empty());
  BOOST_TEST(found.source.label() == "p 1.0");
  BOOST_TEST(found.direct_url.empty());
  BOOST_REQUIRE(found.built_from.has_value());
  BOOST_TEST(found.built_from->url == "https://example.org/p-1.0.tar.gz");
  BOOST_TEST(found.built_from->sha256.hex() == kDigest);
}

BOOST_AUTO_TEST_CASE(what_an_sdist_is_remembered_by_has_no_credentials) {
  const LockedSources found =
      sources("sdist = {url = 'https://u:secret@example.org/p-1.0.zip', hashes = {sha256 = '" + kDigest + "'}}");
  BOOST_TEST(found.built_from->url == "https://example.org/p-1.0.zip");
  const LockedSources local = sources("sdist = {path = 'a b/p-1.0.zip', hashes = {sha256 = '" + kDigest + "'}}");
  BOOST_TEST(local.built_from->url.starts_with("file:///"));
  BOOST_TEST(local.built_from->url.ends_with("/a%20b/p-1.0.zip"));
  BOOST_TEST(local.built_from->file_name == "p-1.0.zip");
}

BOOST_AUTO_TEST_CASE(an_archive_says_where_it_came_from) {
  const LockedSources found =
      sources("archive = {path = 'p.zip', subdirectory = 'in/it', hashes = {sha256 = '" + kDigest + "'}}");
  BOOST_TEST(found.source.path == temp.dir / "p.zip");
  BOOST_TEST(found.direct_url.find("\"subdirectory\": \"in/it\"") != std::string::npos);
  BOOST_TEST(found.direct_url.find(kDigest) != std::string::npos);
  BOOST_TEST(!found.built_from.has_value());
}

BOOST_AUTO_TEST_CASE(files_that_lie_here_need_no_sha256_and_others_do) {
  write_new_file_at(kCurrentDirectory, temp.dir / "p.zip", "", 0600);
  const std::string hashes = "hashes = {sha512 = '" + kDigest + kDigest + "'}}";
  BOOST_TEST((sources("archive = {path = 'p.zip', " + hashes).source.sha256 == empty_digest()));
  BOOST_CHECK_THROW((void)sources("archive = {url = 'https://example.org/p.zip', " + hashes), InvalidInput);
}

BOOST_AUTO_TEST_CASE(directories_are_relative_to_the_lock) {
  const LockedSources found = sources("directory = {path = '../q', editable = true}");
  BOOST_TEST(found.source.editable);
  BOOST_TEST(found.source.path.find("..") == std::string::npos);
  BOOST_TEST(found.direct_url.find("{\"dir_info\": {\"editable\": true}, \"url\": \"file:///") == 0U);
}

BOOST_AUTO_TEST_CASE(a_commit_is_named_without_credentials) {
  const LockedSources found = sources(
      "vcs = {type = 'git', url = 'https://u:secret@example.org/r.git', requested-revision = 'v1', commit-id = '" +
      kCommit + "'}");
  BOOST_TEST((found.source.kind == SourceKind::git));
  BOOST_TEST(found.source.commit == kCommit);
  BOOST_TEST(found.direct_url ==
             "{\"vcs_info\": {\"commit_id\": \"" + kCommit +
                 "\", \"requested_revision\": \"v1\", \"vcs\": \"git\"}, \"url\": \"https://example.org/r.git\"}");
  BOOST_CHECK_THROW((void)sources("vcs = {type = 'hg', url = 'https://example.org/r', commit-id = '" + kCommit + "'}"),
                    UsageError);
}

BOOST_AUTO_TEST_SUITE_END()
