#include "cli/progress_board.hpp"

#include <boost/test/unit_test.hpp>

#include "cli/table.hpp"

using namespace cas;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kMB = 1'000'000;

struct Fixture {
  ProgressBoard board;
  ProgressTime now{1h};

  std::shared_ptr<PackageAtWork> download(std::string_view name, std::uint64_t bytes) {
    return board.begin(PackageWork::download, name, bytes, now);
  }

  std::string text(std::size_t columns = 100, std::size_t rows = 24) {
    std::string all;
    for (const std::string& line : board.lines(columns, rows, now)) all += line + "\n";
    return all;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(progress_board, Fixture)

BOOST_AUTO_TEST_CASE(nothing_under_way_has_no_line) {
  BOOST_TEST(text() == "");
  board.phase("marking", 10, now);
  BOOST_TEST(text() == "marking  0/10  0.0 ms\n");
  board.phase("", 0, now);
  BOOST_TEST(text() == "");
}

BOOST_AUTO_TEST_CASE(a_phase_says_how_far_it_is) {
  board.phase("marking", 2000, now);
  board.advance(1500);
  now += 3400ms;
  BOOST_TEST(text(30) == "marking  1,500/2,000  3.4 s\n");
  board.advance(1500);
  BOOST_TEST(text(30) == "marking  2,000/2,000  3.4 s\n");
  board.phase("removing\n/srv/env", 0, now);
  BOOST_TEST(text() == "removing /srv/env  0.0 ms\n");
  board.advance(7);
  BOOST_TEST(text() == "removing /srv/env  7  0.0 ms\n");
}

BOOST_AUTO_TEST_CASE(a_steady_phase_has_a_rate_and_an_estimate) {
  board.phase("checking objects", 2000, now);
  board.advance(500);
  now += 900ms;
  BOOST_TEST(text() == "checking objects  500/2,000  900 ms\n");
  now += 1100ms;
  BOOST_TEST(text() == "checking objects  500/2,000  2.0 s  250/s  6.0 s left\n");
  board.advance(1500);
  BOOST_TEST(text() == "checking objects  2,000/2,000  2.0 s  1,000/s\n");
  board.phase("reading objects", 40 * kMB, now);
  board.advance(10 * kMB);
  now += 5s;
  BOOST_TEST(text() == "reading objects  10.0 MB/40.0 MB  5.0 s  2.0 MB/s  15.0 s left\n");
  BOOST_TEST(text(40) == "reading objects  10.0 MB/40.0 MB  5.0 s\n");
}

BOOST_AUTO_TEST_CASE(each_download_has_a_line_and_all_have_a_total) {
  board.downloads(12, 120 * kMB, now);
  const auto numpy = download("numpy 2.1.0", 16'400'000);
  const auto scipy = download("scipy 1.14.1", 35 * kMB);
  const auto other = download("unknown 1", 0);
  numpy->received = 12 * kMB;
  scipy->received = 3 * kMB;
  other->received = 999;
  now += 2s;
  BOOST_TEST(text() ==
             "numpy 2.1.0   12.0 MB of 16.4 MB   6.0 MB/s\n"
             "scipy 1.14.1   3.0 MB of 35.0 MB   1.5 MB/s\n"
             "unknown 1       999 B    499 B/s\n"
             "downloaded 0 of 12 packages  15.0 MB of 120 MB  7.5 MB/s  2.0 s\n");
}

BOOST_AUTO_TEST_CASE(what_is_done_counts_in_the_total_only) {
  board.downloads(2, 10 * kMB, now);
  const auto a = download("a 1", 4 * kMB);
  a->received = 4 * kMB;
  now += 800ms;
  BOOST_TEST(board.finish(*a, now) == "downloaded a 1, 4.0 MB in 800 ms");
  now += 1200ms;
  BOOST_TEST(text() == "downloaded 1 of 2 packages  4.0 MB of 10.0 MB  2.0 MB/s  2.0 s\n");
}

BOOST_AUTO_TEST_CASE(what_is_given_up_does_not_count) {
  board.downloads(1, 10 * kMB, now);
  const auto a = download("a 1", 10 * kMB);
  a->received = 4 * kMB;
  now += 1s;
  BOOST_TEST(board.lines(80, 24, now).size() == 2U);
  board.drop(*a);
  BOOST_TEST(text().starts_with("downloaded 0 of 1 package  0 B of 10.0 MB"));
}

BOOST_AUTO_TEST_CASE(bytes_that_are_there_are_spared) {
  board.downloads(1, 16 * kMB, now);
  const auto numpy = download("numpy 2", 16 * kMB);
  numpy->received = kMB;
  numpy->spared = 14 * kMB;
  now += 1s;
  BOOST_TEST(text() ==
             "numpy 2   1.0 MB of  2.0 MB   1.0 MB/s  14.0 MB spared\n"
             "downloaded 0 of 1 package  1.0 MB of 2.0 MB  1.0 MB/s  14.0 MB spared  1.0 s\n");
  numpy->received = 2 * kMB;
  BOOST_TEST(board.finish(*numpy, now) == "downloaded numpy 2, 2.0 MB in 1.0 s, 14.0 MB spared");
  BOOST_TEST(text().starts_with("downloaded 1 of 1 package  2.0 MB of 2.0 MB"));
}

BOOST_AUTO_TEST_CASE(a_build_has_a_line_beside_the_downloads_for_it) {
  const auto foo = board.begin(PackageWork::build, "foo 1.0", 0, now);
  now += 12300ms;
  BOOST_TEST(text() == "building foo 1.0  12.3 s\n");
  board.downloads(1, 0, now);
  const auto backend = download("setuptools 80", 0);
  now += 1s;
  const std::vector<std::string> lines = board.lines(80, 24, now);
  BOOST_REQUIRE(lines.size() == 3U);
  BOOST_TEST(lines[0] == "building foo 1.0  13.3 s");
  BOOST_TEST(lines[1] == "setuptools 80         0 B      0 B/s");
  BOOST_TEST(lines[2] == "downloaded 0 of 1 package  0 B  0 B/s  1.0 s");
  BOOST_TEST(board.finish(*foo, now) == "built foo 1.0 in 13.3 s");
}

BOOST_AUTO_TEST_CASE(there_are_never_more_lines_than_rows) {
  board.downloads(30, 0, now);
  std::vector<std::shared_ptr<PackageAtWork>> all;
  for (int i = 0; i < 10; ++i) all.push_back(download("p" + std::to_string(i), 0));
  for (std::size_t rows = 0; rows < 14; ++rows) {
    const std::vector<std::string> lines = board.lines(80, rows, now);
    BOOST_TEST(lines.size() == std::min<std::size_t>(rows, 11));
    if (rows > 0) BOOST_TEST(lines.back().starts_with("downloaded 0 of 30"));
  }
  const std::vector<std::string> lines = board.lines(80, 5, now);
  BOOST_TEST(lines[2].starts_with("p2 "));
  BOOST_TEST(lines[3] == "and 7 more");
}

BOOST_AUTO_TEST_CASE(lines_fit_the_terminal) {
  board.downloads(3, 120 * kMB, now);
  const auto a = download("a-package-with-quite-a-long-name 1.0.0.dev20240101+local.version", 120 * kMB);
  const auto b = board.begin(PackageWork::build, "another-one 1", 0, now);
  a->spared = 20 * kMB;
  now += 1s;
  for (std::size_t columns = 0; columns < 120; ++columns) {
    for (const std::string& line : board.lines(columns, 24, now)) BOOST_TEST(display_width(line) <= columns);
  }
  // The name gives way first, then what is the least of the numbers.
  BOOST_TEST(text(60) ==
             "a-pack…ersion      0 B of  100 MB      0 B/s  20.0 MB spared\n"
             "buildi…-one 1  1.0 s\n"
             "0 of 3  0 B  0 B/s  1.0 s\n");
}

BOOST_AUTO_TEST_CASE(foreign_names_cannot_steer_the_terminal) {
  const auto a = download(
      "evil\x1b[2J\r\n\xc2\x9b"
      "1A\xe2\x80\xae 1",
      0);
  const std::string line = board.lines(200, 24, now).at(0);
  BOOST_TEST(line.starts_with("evil\\x1b[2J\\x0d\\x0a\\xc2\\x9b1A\\xe2\\x80\\xae 1  "));
  for (const char c : line) BOOST_TEST((c >= ' ' && c <= '~'));
  const std::string done = board.finish(*a, now);
  for (const char c : done) BOOST_TEST((c >= ' ' && c <= '~'));
}

BOOST_AUTO_TEST_CASE(rates_follow_what_comes_and_a_new_beginning_is_no_negative_one) {
  ByteRate rate(now);
  BOOST_TEST(rate.per_second() == 0U);
  rate.sample(500'000, now += 500ms);
  BOOST_TEST(rate.per_second() == kMB);
  for (int i = 1; i <= 100; ++i) rate.sample(500'000 + static_cast<std::uint64_t>(i) * 200'000, now += 100ms);
  BOOST_TEST(rate.per_second() > 1'900'000U);
  BOOST_TEST(rate.per_second() <= 2'000'000U);
  rate.sample(0, now += 100ms);
  BOOST_TEST(rate.per_second() > kMB);
  for (int i = 0; i < 200; ++i) rate.sample(0, now += 100ms);
  BOOST_TEST(rate.per_second() < 1000U);
  rate.sample(1'000'000'000, now);  // no time has passed
  BOOST_TEST(rate.per_second() < 1000U);
}

BOOST_AUTO_TEST_SUITE_END()
