#include "store/package_index/parts_download.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "store/base/error.hpp"
#include "store/base/progress.hpp"
#include "store/sys/file.hpp"
#include "tests/support/index_server.hpp"
#include "tests/support/temp_dir.hpp"

namespace {

using namespace cas;
using cas::test::IndexServer;
using cas::test::TempDir;

struct Fixture {
  Fixture() {
    for (int i = 0; content.size() < 50'000; ++i) content += std::to_string(i) + ",";
    std::ofstream(files / "a.whl") << content;
    options.first_back_off = std::chrono::milliseconds{10};
  }

  static std::string text_of(const std::exception_ptr& problem) {
    try {
      if (problem) std::rethrow_exception(problem);
    } catch (const Error& error) {
      return error.message();
    }
    return "ok";
  }

  SilentProgress silent;
  std::shared_ptr<PackageProgress> quiet = silent.begin(PackageWork::download, "a", 0);

  // The end, then the parts; the first problem, or "ok".
  std::string fetch(const std::string& url, std::uint64_t end, const std::vector<ByteRange>& parts) {
    HttpClient client(options);
    PartsDownload download(client, url, target / "parts", size, *quiet);
    std::string result = "never called";
    const auto take = [&](const std::exception_ptr& problem) { result = text_of(problem); };
    download.fetch_end(end, take);
    client.run_all();
    if (result != "ok") return result;
    result = "never called";
    download.fetch(parts, take);
    client.run_all();
    received = download.received();
    if (result == "ok") {
      for (const ByteRange& part : parts) {
        BOOST_TEST(download.parts().contains(part));
        std::string bytes(part.size(), '\0');
        BOOST_TEST(pread_full(download.fd(), bytes.data(), bytes.size(), part.begin, "") == bytes.size());
        BOOST_TEST(bytes == content.substr(part.begin, part.size()));
      }
      BOOST_TEST(download.size() == content.size());
      BOOST_TEST(stat_fd(download.fd(), "").st_size == static_cast<off_t>(content.size()));
    }
    return result;
  }

  TempDir files;
  TempDir target;
  std::string content;
  HttpOptions options;
  std::optional<std::uint64_t> size;
  std::uint64_t received = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(parts_download, Fixture)

BOOST_AUTO_TEST_CASE(only_what_was_asked_for_is_fetched) {
  const IndexServer server({files.path()});
  // The last one is there already, but for ten bytes.
  BOOST_TEST(fetch(server.url("/files/a.whl"), 100, {{0, 10}, {1000, 3000}, {content.size() - 110, content.size()}}) ==
             "ok");
  BOOST_TEST(received == 100U + 10 + 2000 + 10);
}

BOOST_AUTO_TEST_CASE(a_file_may_be_shorter_than_the_end_of_it) {
  std::ofstream(files / "a.whl") << (content = "short");
  const IndexServer server({files.path()});
  HttpClient client(options);
  PartsDownload download(client, server.url("/files/a.whl"), target / "parts", content.size(), *quiet);
  std::string result;
  download.fetch_end(1000, [&](const std::exception_ptr& problem) { result = text_of(problem); });
  client.run_all();
  BOOST_TEST(result == "ok");
  BOOST_TEST(download.parts().contains({0, content.size()}));
}

const std::tuple<const char*, const char*> kFaults[] = {
    {"cut", "ok"},
    {"500-twice", "ok"},
    {"drop", "ok"},
    {"no-validator", "ok"},
    {"no-ranges", "the server answers 200"},
    {"renamed", "the server answers 200"},
    {"other-etag", "it is another file by now"},
    {"other-part", "it gives bytes"},
    {"short-part", "it gives bytes"},
    {"long-part", "more than the"},
    {"404", "the server answers 404"},
    {"502-always", "502"},
};

BOOST_DATA_TEST_CASE(servers_that_do_otherwise_are_found_out, boost::unit_test::data::make(kFaults), fault, answer) {
  const IndexServer server({files.path()});
  const std::string result =
      fetch(server.url("/fault/" + std::string(fault) + "/files/a.whl"), 5000, {{0, 3000}, {10'000, 20'000}});
  BOOST_TEST_CONTEXT(result) { BOOST_TEST(result.find(answer) != std::string::npos); }
}

BOOST_AUTO_TEST_CASE(another_size_than_the_known_one_is_refused) {
  const IndexServer server({files.path()});
  size = content.size() + 1;
  BOOST_TEST(fetch(server.url("/files/a.whl"), 100, {{0, 10}}).find("bytes, not the") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_given_up_is_cancelled) {
  const IndexServer server({files.path()});
  HttpClient client(options);
  {
    PartsDownload download(client, server.url("/fault/slow/a"), target / "parts", std::nullopt, *quiet);
    download.fetch_end(10, [](const std::exception_ptr&) { BOOST_ERROR("called"); });
    BOOST_TEST(client.pending() == 1U);
  }
  BOOST_TEST(client.pending() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
