#include "store/package_index/index_client.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/support/index_server.hpp"
#include "tests/support/temp_dir.hpp"

namespace {

using cas::IndexPlaces;
using cas::test::IndexServer;
using cas::test::TempDir;

void write(const std::string& path, const std::string& content = "x") { std::ofstream(path) << content; }

std::vector<cas::ProjectFiles> find(const IndexPlaces& places, const std::vector<std::string>& names,
                                    cas::CacheMode mode = cas::CacheMode::online,
                                    const cas::HttpCache* cache = nullptr) {
  cas::HttpOptions options;
  options.first_back_off = std::chrono::milliseconds{10};
  options.tries = 2;
  cas::HttpClient client(options);
  return cas::IndexClient(client, cache, mode, places).find(names);
}

std::string names_of(const cas::ProjectFiles& project) {
  std::string names;
  for (const cas::IndexFile& file : project.files) names += file.name + " ";
  return names;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Two indexes: one's demo is older than the other's, and each has a project of its own.
struct Indexes {
  Indexes() {
    write(first / "demo-1.0-py3-none-any.whl");
    write(first / "Own_Thing-1.0-py3-none-any.whl");
    write(second / "demo-99.0-py3-none-any.whl");
    write(second / "other-1.0-py3-none-any.whl");
    write(second / "other-1.0.tar.gz");
  }
  TempDir first;
  TempDir second;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(index_client, Indexes)

BOOST_AUTO_TEST_CASE(the_first_index_that_has_a_project_wins) {
  const IndexServer a({first.path()});
  const IndexServer b({second.path()});
  const IndexPlaces places{.indexes = {a.url("/simple/"), b.url("/simple")}};
  const auto found = find(places, {"demo", "Own.Thing", "other", "nobody"});
  BOOST_TEST(names_of(found[0]) == "demo-1.0-py3-none-any.whl ");
  BOOST_TEST(found[0].files[0].place == a.url("/simple/"));
  BOOST_TEST(found[0].files[0].size.value() == 1U);
  BOOST_TEST(found[1].name == "own-thing");
  BOOST_TEST(names_of(found[1]) == "Own_Thing-1.0-py3-none-any.whl ");
  BOOST_TEST(names_of(found[2]) == "other-1.0-py3-none-any.whl other-1.0.tar.gz ");
  BOOST_TEST(found[3].files.empty());
  BOOST_TEST(found[3].asked.size() == 2U);
  BOOST_TEST(!has(b.log(), "/simple/demo/"));
}

// Whoever has withdrawn all files of a name still has the name: nobody else may publish under it.
BOOST_AUTO_TEST_CASE(an_index_that_knows_a_name_without_files_keeps_it) {
  const TempDir empty;
  cas::make_directories(empty / "simple/demo", 0700);
  write(empty / "simple/demo/index.html", "<!DOCTYPE html><title>demo</title>");
  const IndexServer b({second.path()});
  IndexPlaces places{.indexes = {empty / "simple", b.url("/simple")}};
  const auto found = find(places, {"demo", "other"});
  BOOST_TEST(found[0].files.empty());
  BOOST_TEST(found[0].known.size() == 1U);
  BOOST_TEST(!has(b.log(), "/simple/demo/"));
  BOOST_TEST(names_of(found[1]) == "other-1.0-py3-none-any.whl other-1.0.tar.gz ");
  places.strategy = cas::IndexStrategy::unsafe_best_match;
  BOOST_TEST(names_of(find(places, {"demo"})[0]) == "demo-99.0-py3-none-any.whl ");
}

BOOST_AUTO_TEST_CASE(all_indexes_together_only_on_demand) {
  const IndexServer a({first.path()});
  const IndexServer b({second.path()});
  const IndexPlaces places{.indexes = {a.url("/simple/"), b.url("/simple")},
                           .strategy = cas::IndexStrategy::unsafe_best_match};
  BOOST_TEST(names_of(find(places, {"demo"})[0]) == "demo-1.0-py3-none-any.whl demo-99.0-py3-none-any.whl ");
}

BOOST_AUTO_TEST_CASE(an_index_that_fails_does_not_leave_its_place_to_the_next) {
  const IndexServer b({second.path()});
  for (const char* fault : {"/fault/502-always", "/fault/403"}) {
    const IndexPlaces places{.indexes = {b.url(fault + std::string("/simple/")), b.url("/simple/")}};
    BOOST_CHECK_EXCEPTION(find(places, {"demo"}), cas::Error,
                          [](const cas::Error& error) { return has(error.message(), "for demo: fetching"); });
  }
}

BOOST_AUTO_TEST_CASE(says_how_to_give_credentials) {
  const IndexServer server({first.path(), "--user", "me:secret"});
  BOOST_CHECK_EXCEPTION(
      find({.indexes = {server.url("/simple/", "me:wrong")}}, {"demo"}), cas::Error, [](const cas::Error& error) {
        return has(error.message(), "401") && has(error.hint(), ".netrc") && !has(error.message(), "wrong");
      });
  const auto found = find({.indexes = {server.url("/simple/", "me:secret")}}, {"demo", "nobody"});
  BOOST_TEST(names_of(found[0]) == "demo-1.0-py3-none-any.whl ");
  BOOST_TEST(!has(found[1].asked.at(0), "secret"));
}

BOOST_AUTO_TEST_CASE(reads_html_as_well) {
  const IndexServer server({first.path()});
  const auto json = find({.indexes = {server.url("/simple/")}}, {"demo"})[0].files.at(0);
  const auto html = find({.indexes = {server.url("/html/")}}, {"demo"})[0].files.at(0);
  BOOST_TEST(html.name == json.name);
  BOOST_TEST(html.url == json.url);
  BOOST_TEST((html.sha256 == json.sha256));
  BOOST_TEST(html.requires_python == json.requires_python);
  BOOST_TEST(!json.upload_time.empty());
}

BOOST_AUTO_TEST_CASE(find_links_go_before_indexes) {
  const IndexServer b({second.path()});
  const IndexPlaces places{.indexes = {b.url("/simple/")}, .find_links = {first.path()}};
  const auto found = find(places, {"demo", "other"});
  BOOST_TEST(names_of(found[0]) == "demo-1.0-py3-none-any.whl ");
  BOOST_TEST(names_of(found[1]) == "other-1.0-py3-none-any.whl other-1.0.tar.gz ");
  BOOST_TEST(!has(b.log(), "/simple/demo/"));
}

BOOST_AUTO_TEST_CASE(find_links_are_folders_pages_and_files) {
  const IndexServer server({first.path()});
  write(second / "page.html", "<a href='demo-5.0-py3-none-any.whl'>x</a><a href='https://example.org/'>other</a>");
  const IndexPlaces places{.indexes = {"https://example.invalid/simple/"},
                           .find_links = {server.url("/links/"), second / "page.html",
                                          second / "demo-99.0-py3-none-any.whl", "file://" + second.path()},
                           .no_index = true};
  const auto found = find(places, {"demo"})[0];
  BOOST_TEST(
      names_of(found) ==
      "demo-1.0-py3-none-any.whl demo-5.0-py3-none-any.whl demo-99.0-py3-none-any.whl demo-99.0-py3-none-any.whl ");
  BOOST_TEST(found.files[1].url == cas::file_url(second / "demo-5.0-py3-none-any.whl"));
  BOOST_TEST(found.asked.size() == 4U);
  BOOST_CHECK_THROW(find({.find_links = {second / "missing"}}, {"demo"}), cas::NotFound);
}

BOOST_AUTO_TEST_CASE(an_index_may_be_a_folder) {
  cas::make_directories(first / "simple/demo");
  write(first / "simple/demo/index.html", "<a href='../../demo-1.0-py3-none-any.whl'>x</a>");
  const auto found = find({.indexes = {first / "simple"}}, {"Demo", "other"});
  BOOST_TEST(found[0].files.at(0).url == cas::file_url(first / "demo-1.0-py3-none-any.whl"));
  BOOST_TEST(found[1].files.empty());
}

BOOST_AUTO_TEST_CASE(works_offline_with_what_was_seen) {
  const TempDir folder;
  const cas::HttpCache cache(folder / "cache");
  IndexPlaces places;
  {
    const IndexServer a({first.path()});
    const IndexServer b({second.path()});
    places.indexes = {a.url("/simple/"), b.url("/simple/")};
    static_cast<void>(find(places, {"other"}, cas::CacheMode::online, &cache));
  }
  BOOST_TEST(names_of(find(places, {"other"}, cas::CacheMode::offline, &cache)[0]) ==
             "other-1.0-py3-none-any.whl other-1.0.tar.gz ");
  BOOST_CHECK_EXCEPTION(
      find(places, {"demo"}, cas::CacheMode::offline, &cache), cas::NotFound,
      [](const cas::Error& error) { return has(error.message(), "/simple/demo/: was never fetched"); });
  BOOST_CHECK_EXCEPTION(find(places, {"demo", "other", "own"}, cas::CacheMode::offline, &cache), cas::NotFound,
                        [](const cas::Error& error) {
                          return has(error.message(), "/simple/demo/:") && has(error.message(), "/simple/own/:") &&
                                 !has(error.message(), "/simple/other/:");
                        });
}

BOOST_AUTO_TEST_CASE(names_are_checked_before_they_become_paths) {
  for (const char* name : {"../x", "", "a b", "x/"}) BOOST_CHECK_THROW(find({}, {name}), cas::UsageError);
}

BOOST_AUTO_TEST_CASE(files_of_other_projects_are_left_out) {
  BOOST_TEST(cas::may_be_of_project("Own_Thing-1.0-py3-none-any.whl", "own-thing"));
  BOOST_TEST(!cas::may_be_of_project("own_thing_else-1.0-py3-none-any.whl", "own-thing"));
  BOOST_TEST(cas::may_be_of_project("own-thing-1.0.tar.gz", "own-thing"));
  BOOST_TEST(!cas::may_be_of_project("other-1.0.tar.gz", "own-thing"));
  BOOST_TEST(!cas::may_be_of_project("demo", "demo"));
}

BOOST_AUTO_TEST_SUITE_END()
