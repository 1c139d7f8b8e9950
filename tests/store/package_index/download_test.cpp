#include "store/package_index/download.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "store/base/error.hpp"
#include "store/net/url.hpp"
#include "store/sys/file.hpp"
#include "tests/support/index_server.hpp"
#include "tests/support/recorded_progress.hpp"
#include "tests/support/temp_dir.hpp"

namespace {

using cas::test::IndexServer;
using cas::test::TempDir;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

struct Fixture {
  Fixture() { std::ofstream(files / "a.whl") << content; }

  std::vector<cas::DownloadedFile> download(const std::vector<cas::DownloadRequest>& requests) {
    cas::HttpOptions options;
    options.first_back_off = std::chrono::milliseconds{10};
    cas::HttpClient client(options);
    return cas::download_files(client, {target.path()}, requests, progress,
                               [&](std::size_t index, const cas::DownloadedFile&) { order.push_back(index); });
  }
  std::size_t files_there() const {
    std::size_t count = 0;
    cas::list_directory(cas::open_directory(target.path()).get(), "",
                        [&](const std::string&, unsigned char) { ++count; });
    return count;
  }

  TempDir files;
  TempDir target;
  std::string content = std::string(5000, 'x') + "end";
  std::vector<std::size_t> order;
  cas::test::RecordedProgress progress;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(download, Fixture)

BOOST_AUTO_TEST_CASE(fetches_many_and_checks_them) {
  const IndexServer server({files.path()});
  std::vector<cas::DownloadRequest> requests;
  for (int i = 0; i < 20; ++i) {
    requests.push_back({.url = server.url("/files/a.whl"),
                        .name = std::to_string(i),
                        .sha256 = cas::sha256(content),
                        .size = content.size()});
  }
  requests[3].url = server.url("/fault/cut/files/a.whl");
  requests[4].url = server.url("/fault/cut-changed/files/a.whl?2");
  requests[4].sha256 = cas::sha256(std::string(content.rbegin(), content.rend()));
  const auto done = download(requests);
  BOOST_TEST(order.size() == 20U);
  for (std::size_t i = 0; i < done.size(); ++i) {
    BOOST_TEST(done[i].path == target / std::to_string(i));
    BOOST_TEST(done[i].size == content.size());
    BOOST_TEST((cas::sha256(cas::read_file(done[i].path, 1 << 20)) == done[i].sha256));
  }
  BOOST_TEST(has(server.log(), "Range="));
}

BOOST_AUTO_TEST_CASE(nothing_wrong_gets_a_name) {
  const IndexServer server({files.path()});
  const std::string url = server.url("/files/a.whl");
  BOOST_CHECK_EXCEPTION(download({{.url = url, .name = "a", .sha256 = cas::sha256("other")}}), cas::InvalidInput,
                        [](const cas::Error& error) { return has(error.message(), "has SHA-256"); });
  BOOST_CHECK_THROW(download({{.url = url, .name = "a", .size = content.size() + 1}}), cas::InvalidInput);
  BOOST_CHECK_THROW(download({{.url = url, .name = "a", .size = content.size() - 1}}), cas::InvalidInput);
  BOOST_CHECK_THROW(download({{.url = server.url("/fault/huge/x"), .name = "a", .max_bytes = 100'000}}),
                    cas::InvalidInput);
  BOOST_CHECK_THROW(download({{.url = server.url("/fault/404/x"), .name = "a"}}), cas::Error);
  BOOST_CHECK_THROW(download({{.url = url, .name = "../a"}}), cas::InvalidInput);
  BOOST_TEST(files_there() == 0U);
}

BOOST_AUTO_TEST_CASE(the_first_failure_ends_the_rest) {
  const IndexServer server({files.path()});
  cas::HttpClient client;
  const std::vector<cas::DownloadRequest> requests{{.url = server.url("/fault/slow/x"), .name = "slow"},
                                                   {.url = server.url("/fault/404/x"), .name = "missing"}};
  BOOST_CHECK_THROW(cas::download_files(client, {target.path()}, requests, progress), cas::Error);
  BOOST_TEST(client.pending() == 0U);
  BOOST_TEST(files_there() == 0U);
  // The client is as good as new.
  BOOST_TEST(cas::download_files(client, {target.path()}, {{.url = server.url("/files/a.whl"), .name = "a"}}, progress)
                 .at(0)
                 .size == content.size());
}

BOOST_AUTO_TEST_CASE(progress_hears_of_each_file) {
  const IndexServer server({files.path()});
  static_cast<void>(
      download({{.url = server.url("/files/a.whl"), .name = "whole", .size = content.size(), .label = "a 1"},
                {.url = server.url("/fault/cut/files/a.whl"), .name = "cut"},
                {.url = server.url("/fault/cut-changed/files/a.whl"), .name = "changed"},
                {.url = cas::file_url(files / "a.whl"), .name = "here"}}));
  for (const char* name : {"a 1", "cut", "changed", "here"}) {
    const cas::test::RecordedPackage package = progress.package(name);
    BOOST_TEST(package.done);
    BOOST_TEST(package.received == content.size());
    BOOST_TEST((package.restarts > 0) == (std::string_view(name) == "changed"));
  }
  BOOST_TEST(progress.package("a 1").bytes == content.size());
  BOOST_TEST(progress.package("cut").bytes == 0U);
  BOOST_CHECK_THROW(download({{.url = server.url("/files/a.whl"), .name = "b", .sha256 = cas::sha256("")}}),
                    cas::InvalidInput);
  BOOST_TEST(!progress.package("b").done);
}

BOOST_AUTO_TEST_CASE(copies_files_of_this_machine) {
  const std::string url = cas::file_url(files / "a.whl");
  const auto done = download({{.url = url, .name = "a", .sha256 = cas::sha256(content), .size = content.size()}});
  BOOST_TEST(cas::read_file(done.at(0).path, 1 << 20) == content);
  BOOST_CHECK_THROW(download({{.url = url, .name = "b", .sha256 = cas::sha256("")}}), cas::InvalidInput);
  BOOST_CHECK_THROW(download({{.url = url, .name = "b", .size = 10}}), cas::InvalidInput);
  BOOST_TEST(files_there() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
