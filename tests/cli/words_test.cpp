#include "cli/words.hpp"

#include <boost/test/unit_test.hpp>
#include <ctime>

namespace cas {

BOOST_AUTO_TEST_SUITE(words)

BOOST_AUTO_TEST_CASE(numbers_are_grouped_by_thousands) {
  BOOST_TEST(grouped(0) == "0");
  BOOST_TEST(grouped(999) == "999");
  BOOST_TEST(grouped(1000) == "1,000");
  BOOST_TEST(grouped(18'446'744'073'709'551'615u) == "18,446,744,073,709,551,615");
}

BOOST_AUTO_TEST_CASE(counts_have_their_plural) {
  BOOST_TEST(counted(0, "file") == "0 files");
  BOOST_TEST(counted(1, "file") == "1 file");
  BOOST_TEST(counted(1014, "file") == "1,014 files");
  BOOST_TEST(counted(1, "copy", "copies") == "1 copy");
  BOOST_TEST(counted(2, "copy", "copies") == "2 copies");
}

BOOST_AUTO_TEST_CASE(words_are_joined) {
  BOOST_TEST(joined({}) == "");
  BOOST_TEST(joined({"a"}) == "a");
  BOOST_TEST(joined({"a", "b"}) == "a, b");
  BOOST_TEST(joined({"a", "b"}, " ") == "a b");
}

BOOST_AUTO_TEST_CASE(times_are_told_from_now) {
  BOOST_TEST(time_ago(std::time(nullptr) + 100) == "now");
  BOOST_TEST(time_ago(std::time(nullptr) - 5 * 86'400) == "5 d ago");
  BOOST_TEST(time_text(0) == "");
  BOOST_TEST(time_text(1'714'564'800) == "2024-05-01T12:00:00Z");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cas
