#include "store/net/documents.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/support/child.hpp"
#include "tests/support/index_server.hpp"
#include "tests/support/temp_dir.hpp"

namespace {

using cas::CacheMode;
using cas::test::IndexServer;

struct Fixture {
  Fixture() { write("x"); }
  void write(const std::string& content) { std::ofstream(files / "demo-1.0-py3-none-any.whl") << content; }

  cas::Document fetch(const std::string& url, CacheMode mode = CacheMode::online) {
    cas::HttpOptions options;
    options.first_back_off = std::chrono::milliseconds{10};
    cas::HttpClient client(options);
    return cas::DocumentFetcher(client, &cache, mode).fetch({{url, "text/html", 1 << 20}}).front();
  }
  std::vector<std::string> cached_files() const {
    std::vector<std::string> names;
    cas::list_directory(cas::open_directory(cache.directory()).get(), "",
                        [&](const std::string& name, unsigned char) { names.push_back(name); });
    return names;
  }

  cas::test::TempDir files;
  cas::test::TempDir place;
  cas::HttpCache cache{place / "a/b"};
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(documents, Fixture)

BOOST_AUTO_TEST_CASE(asks_whether_a_page_has_changed) {
  const IndexServer server({files.path()});
  const std::string url = server.url("/simple/demo/");
  const cas::Document first = fetch(url);
  BOOST_TEST(first.response.ok());
  BOOST_TEST(!first.from_cache);
  const cas::Document second = fetch(url);
  BOOST_TEST(second.response.ok());
  BOOST_TEST(second.from_cache);
  BOOST_TEST(second.body == first.body);
  BOOST_TEST(second.content_type == first.content_type);
  BOOST_TEST(has(server.log(), "If-None-Match"));
  write("y");
  BOOST_TEST(fetch(url).body != first.body);
  BOOST_TEST(fetch(url).from_cache);
}

BOOST_AUTO_TEST_CASE(asks_nothing_while_a_page_is_fresh) {
  const IndexServer server({files.path()});
  const std::string url = server.url("/fault/fresh/simple/demo/");
  const std::string body = fetch(url).body;
  const std::string log = server.log();
  BOOST_TEST(fetch(url).body == body);
  BOOST_TEST(server.log() == log);
  write("y");
  BOOST_TEST(fetch(url).body == body);
  BOOST_TEST(fetch(url, CacheMode::refresh).body != body);
}

BOOST_AUTO_TEST_CASE(offline_is_the_cache_alone) {
  std::string url;
  std::string missing;
  std::string body;
  {
    const IndexServer server({files.path()});
    url = server.url("/simple/demo/");
    missing = server.url("/simple/other/");
    body = fetch(url).body;
    BOOST_TEST(fetch(missing).response.status == 404);
  }
  BOOST_TEST(fetch(url, CacheMode::offline).body == body);
  BOOST_TEST(fetch(missing, CacheMode::offline).response.status == 404);
  const cas::Document unknown = fetch(url + "x", CacheMode::offline);
  BOOST_CHECK_EXCEPTION(unknown.response.require_ok(), cas::NotFound,
                        [&](const cas::Error& error) { return has(error.message(), url + "x: was never fetched"); });
}

BOOST_AUTO_TEST_CASE(pages_for_one_user_are_kept_apart) {
  const IndexServer server({files.path(), "--user", "me:secret"});
  const std::string url = server.url("/fault/fresh/simple/demo/", "me:secret");
  BOOST_TEST(fetch(url).response.ok());
  BOOST_TEST(fetch(url).from_cache);
  BOOST_TEST(fetch(server.url("/fault/fresh/simple/demo/")).response.status == 401);
  BOOST_TEST(fetch(server.url("/fault/fresh/simple/demo/", "you:secret")).response.status == 401);
  for (const std::string& name : cached_files()) {
    BOOST_TEST(!has(cas::read_file(cache.directory() + "/" + name, 1 << 20), "secret"));
  }
}

BOOST_AUTO_TEST_CASE(what_is_broken_is_fetched_again) {
  const IndexServer server({files.path()});
  const std::string url = server.url("/fault/fresh/simple/demo/");
  const std::string body = fetch(url).body;
  BOOST_REQUIRE(cached_files().size() == 1U);
  const std::string path = cache.directory() + "/" + cached_files().front();
  std::string bytes = cas::read_file(path, 1 << 20);
  bytes.back() ^= 1;
  std::ofstream(path) << bytes;
  const cas::Document again = fetch(url);
  BOOST_TEST(again.body == body);
  BOOST_TEST(!again.from_cache);
}

BOOST_AUTO_TEST_CASE(compressed_pages_come_out_plain) {
  const IndexServer server({files.path()});
  const cas::Document page = fetch(server.url("/fault/gzip/simple/demo/"));
  BOOST_TEST(has(page.body, "<a href="));
  BOOST_TEST(has(server.log(), "gzip"));
}

BOOST_AUTO_TEST_CASE(equal_requests_are_one) {
  const IndexServer server({files.path()});
  cas::HttpClient client;
  const cas::DocumentRequest request{server.url("/simple/demo/"), "text/html", 1 << 20};
  const auto pages = cas::DocumentFetcher(client, nullptr, CacheMode::online).fetch({request, request});
  BOOST_TEST(pages.at(0).body == pages.at(1).body);
  BOOST_TEST(has(pages.at(1).body, "<a href="));
  const std::string log = server.log();
  BOOST_TEST(log.find("GET /simple/demo/") == log.rfind("GET /simple/demo/"));
}

BOOST_AUTO_TEST_CASE(a_cache_that_cannot_be_written_stops_nothing) {
  const IndexServer server({files.path()});
  std::ofstream(place / "file") << "x";
  cache = cas::HttpCache(place / "file/below");
  BOOST_TEST(fetch(server.url("/simple/demo/")).response.ok());
}

BOOST_AUTO_TEST_CASE(processes_may_share_a_folder) {
  const cas::DocumentKey key{"https://example.org/", "text/html", {}};
  const auto entry = [](int i) {
    return cas::CacheEntry{200, std::chrono::seconds{60},          "https://example.org/", "text/html", "",
                           "",  std::string(20'000, char('a' + i))};
  };
  cache.keep(key, entry(0));
  std::vector<cas::test::Child> children;
  for (int i = 0; i < 4; ++i) {
    children.emplace_back([&, i] {
      for (int round = 0; round < 50; ++round) {
        cas::test::expect(cache.keep(key, entry(i)), "can be written");
        const auto found = cache.find(key);
        cas::test::expect(found && found->is_fresh() && found->entry.body.size() == 20'000, "is whole");
      }
    });
  }
  for (cas::test::Child& child : children) BOOST_TEST(child.wait() == 0);
  BOOST_TEST(cached_files().size() == 1U);
}

BOOST_AUTO_TEST_CASE(freshness_is_bounded) {
  const auto of = [](const char* control, const char* age = nullptr) {
    cas::HttpHeaders headers;
    headers.add("Cache-Control", control);
    if (age != nullptr) headers.add("Age", age);
    return cas::freshness(headers);
  };
  BOOST_TEST(of("max-age=600")->count() == 600);
  BOOST_TEST(of("max-age=600", "100")->count() == 500);
  BOOST_TEST(of("max-age=600", "700")->count() == 0);
  BOOST_TEST(of("max-age=600", "x")->count() == 0);
  BOOST_TEST(of("max-age=600, no-cache")->count() == 0);
  BOOST_TEST(of("max-age=31536000")->count() == 3600);
  BOOST_TEST(of("")->count() == 0);
  BOOST_TEST(!of("no-store, max-age=600"));
}

BOOST_AUTO_TEST_CASE(entries_have_one_form) {
  const cas::CacheEntry entry{200,       std::chrono::seconds{5}, "https://example.org/", "text/html", "\"x\"", "",
                              "body\n\n"};
  const std::string bytes = cas::encode_cache_entry(entry);
  BOOST_TEST((cas::decode_cache_entry(bytes) == entry));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string broken = bytes;
    broken[i] ^= 4;
    BOOST_TEST(!cas::decode_cache_entry(broken));
    BOOST_TEST(!cas::decode_cache_entry(bytes.substr(0, i)));
  }
  // The digest alone does not make an entry.
  cas::CacheEntry strange = entry;
  strange.status = 500;
  BOOST_TEST(!cas::decode_cache_entry(cas::encode_cache_entry(strange)));
  strange = entry;
  strange.etag = "\"a\nstatus 404";
  BOOST_TEST(cas::decode_cache_entry(cas::encode_cache_entry(strange))->etag == "\"a status 404");
}

BOOST_AUTO_TEST_SUITE_END()
