#include "cli/gc_options.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "store/base/error.hpp"

using namespace cas;

namespace {

GcOptions read(const std::vector<std::string>& words) {
  return read_gc_options(parse_arguments(words, kGcPolicyOptions, "gc"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gc_options_tests)

BOOST_AUTO_TEST_CASE(without_options_there_is_no_policy) {
  const GcOptions options = read({});
  BOOST_TEST(!options.dry_run);
  BOOST_TEST(!options.drop_history);
  BOOST_TEST(!options.max_age);
  BOOST_TEST(!options.max_size);
  BOOST_TEST(!options.min_free);
  BOOST_TEST(!options.max_free);
  BOOST_TEST(!options.max_freed);
  BOOST_TEST(!options.max_duration);
  BOOST_TEST(options.keep_last == 0U);
}

BOOST_AUTO_TEST_CASE(every_option_means_what_it_says) {
  const GcOptions options =
      read({"--dry-run", "--drop-history", "--max-age", "2d", "--max-size", "10k", "--min-free", "1Ki", "--max-free",
            "2Ki", "--keep-last", "3", "--max-freed", "5", "--max-duration", "90s"});
  BOOST_TEST(options.dry_run);
  BOOST_TEST(options.drop_history);
  BOOST_TEST((options.max_age == std::chrono::hours(48)));
  BOOST_TEST(options.max_size.value() == 10'000U);
  BOOST_TEST(options.min_free.value() == 1024U);
  BOOST_TEST(options.max_free.value() == 2048U);
  BOOST_TEST(options.keep_last == 3U);
  BOOST_TEST(options.max_freed.value() == 5U);
  BOOST_TEST((options.max_duration == std::chrono::seconds(90)));
}

const std::vector<std::vector<std::string>> kMistakes{
    {"--keep-last", "0"},  {"--keep-last", "-1"}, {"--keep-last", "1x"},
    {"--max-age", "soon"}, {"--max-size", "big"}, {"--max-duration", "10"},
    {"--min-free", "-5"},  {"--max-freed", ""},   {"--min-free", "2M", "--max-free", "1M"},
};

BOOST_AUTO_TEST_CASE(mistakes_are_usage_errors) {
  for (const auto& words : kMistakes) {
    BOOST_TEST_CONTEXT(words[0] << " " << words[1]) { BOOST_CHECK_THROW(read(words), UsageError); }
  }
}

BOOST_AUTO_TEST_SUITE_END()
