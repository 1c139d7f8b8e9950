#include "store/base/text.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <tuple>

namespace data = boost::unit_test::data;
using namespace cas;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(text)

const std::tuple<std::uint64_t, std::string> kSizes[] = {
    {0, "0 B"},
    {1, "1 B"},
    {999, "999 B"},
    {1000, "1.0 kB"},
    {1234, "1.2 kB"},
    {1250, "1.3 kB"},
    {34'500'000, "34.5 MB"},
    {99'949, "99.9 kB"},
    {99'950, "100 kB"},
    {345'678, "346 kB"},
    {999'499, "999 kB"},
    {999'500, "1.0 MB"},
    {999'999, "1.0 MB"},
    {1'234'000'000, "1.2 GB"},
    {5'000'000'000'000, "5.0 TB"},
    {7'100'000'000'000'000, "7.1 PB"},
    {18'446'744'073'709'551'615U, "18.4 EB"},
};

BOOST_DATA_TEST_CASE(sizes_are_written_with_powers_of_1000, data::make(kSizes), bytes, expected) {
  BOOST_TEST(format_size(bytes) == expected);
}

const std::tuple<std::string, std::uint64_t> kReadSizes[] = {
    {"0", 0},
    {"123", 123},
    {"123B", 123},
    {"10k", 10'000},
    {"10K", 10'000},
    {"10kB", 10'000},
    {"1.5G", 1'500'000'000},
    {"1.5gb", 1'500'000'000},
    {"200MiB", 200ULL << 20},
    {"200mib", 200ULL << 20},
    {"1Ki", 1024},
    {"0.5GiB", 1ULL << 29},
    {"3TB", 3'000'000'000'000},
    {"2TiB", 2ULL << 40},
    {"1.0000009999k", 1000},
    {"18446744073709551615", 18'446'744'073'709'551'615U},
};

BOOST_DATA_TEST_CASE(sizes_are_read, data::make(kReadSizes), text, expected) {
  const auto size = parse_size(text);
  BOOST_REQUIRE(size.has_value());
  BOOST_TEST(*size == expected);
}

const std::string kNotSizes[] = {"",
                                 " ",
                                 "k",
                                 "-1",
                                 "+1",
                                 "1 k",
                                 "1.5",
                                 "1.5B",
                                 ".5k",
                                 "5.k",
                                 "1..5k",
                                 "1kk",
                                 "1kBB",
                                 "1x",
                                 "1iB",
                                 "0x10",
                                 "1e3",
                                 "1,5k",
                                 "1k ",
                                 "B",
                                 "1Pi",
                                 "1.2.3",
                                 "18446744073709551616",
                                 "99999999999999999999",
                                 "18446745T",
                                 "16777216TiB"};

BOOST_DATA_TEST_CASE(what_is_no_size_is_refused, data::make(kNotSizes), text) {
  BOOST_TEST(!parse_size(text).has_value());
}

const std::tuple<std::string, std::int64_t> kReadDurations[] = {
    {"0", 0},        {"0d", 0},          {"90s", 90},       {"15m", 900},
    {"12h", 43'200}, {"30d", 2'592'000}, {"2w", 1'209'600}, {"15000w", 9'072'000'000},
};

BOOST_DATA_TEST_CASE(durations_are_read, data::make(kReadDurations), text, seconds) {
  const auto duration = parse_duration(text);
  BOOST_REQUIRE(duration.has_value());
  BOOST_TEST(duration->count() == seconds);
}

const std::string kNotDurations[] = {
    "", "s", "90", "-1s", "+1s", "1.5h", "1 h", "1hh", "1y", "1M", "h1", "99999999w", "18446744073709551615s"};

BOOST_DATA_TEST_CASE(what_is_no_duration_is_refused, data::make(kNotDurations), text) {
  BOOST_TEST(!parse_duration(text).has_value());
}

BOOST_AUTO_TEST_CASE(the_longest_duration_can_be_subtracted_from_now) {
  const auto longest = parse_duration("106751d");
  BOOST_REQUIRE(longest.has_value());
  BOOST_TEST((std::chrono::system_clock::now() - *longest < std::chrono::system_clock::now()));
}

const std::tuple<std::int64_t, std::string> kDurations[] = {
    // microseconds
    {0, "0.0 ms"},
    {340, "0.3 ms"},
    {9'900, "9.9 ms"},
    {9'960, "10 ms"},
    {12'000, "12 ms"},
    {999'400, "999 ms"},
    {999'600, "1.0 s"},
    {3'400'000, "3.4 s"},
    {59'900'000, "59.9 s"},
    {59'960'000, "1 min 0 s"},
    {125'000'000, "2 min 5 s"},
    {3'599'700'000, "1 h 0 min"},
    {11'400'000'000, "3 h 10 min"},
    {86'399'000'000, "1 d"},
    {5 * 86'400'000'000, "5 d"},
    {-5'000'000, "0.0 ms"},
};

BOOST_DATA_TEST_CASE(durations_are_written, data::make(kDurations), microseconds, expected) {
  BOOST_TEST(format_duration(std::chrono::microseconds{microseconds}) == expected);
}

BOOST_AUTO_TEST_CASE(the_nearest_spelling_is_suggested) {
  const std::vector<std::string_view> commands = {"create", "add", "gc", "verify", "repair", "remove"};
  BOOST_TEST(nearest_spelling("craete", commands).value_or("") == "create");
  BOOST_TEST(nearest_spelling("creat", commands).value_or("") == "create");
  BOOST_TEST(nearest_spelling("verfiy", commands).value_or("") == "verify");
  BOOST_TEST(nearest_spelling("ad", commands).value_or("") == "add");
  BOOST_TEST(nearest_spelling("cg", commands).value_or("") == "gc");
  BOOST_TEST(nearest_spelling("gc", commands).value_or("") == "gc");
}

BOOST_AUTO_TEST_CASE(nothing_is_suggested_for_a_word_far_from_all) {
  BOOST_TEST(!nearest_spelling("install", {"create", "add", "gc"}).has_value());
  BOOST_TEST(!nearest_spelling("", {"create", "add"}).has_value());
  BOOST_TEST(!nearest_spelling("create", {}).has_value());
}

BOOST_AUTO_TEST_CASE(the_first_of_equally_near_words_wins) {
  BOOST_TEST(nearest_spelling("bat", {"cat", "hat"}).value_or("") == "cat");
}

BOOST_AUTO_TEST_CASE(times_are_iso_8601_in_utc) {
  const std::chrono::system_clock::time_point epoch{};
  BOOST_TEST(format_time(epoch) == "1970-01-01T00:00:00Z");
  BOOST_TEST(format_time(epoch + 1'714'564'800s) == "2024-05-01T12:00:00Z");
  BOOST_TEST(format_time(epoch + 951'825'599s + 999ms) == "2000-02-29T11:59:59Z");
  BOOST_TEST(format_time(epoch - 1ms) == "1969-12-31T23:59:59Z");
}

BOOST_AUTO_TEST_SUITE_END()
