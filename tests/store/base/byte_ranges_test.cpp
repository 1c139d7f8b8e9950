#include "store/base/byte_ranges.hpp"

#include <boost/test/unit_test.hpp>

using cas::ByteRange;
using cas::ByteRanges;
using Ranges = std::vector<ByteRange>;

BOOST_AUTO_TEST_SUITE(byte_ranges_tests)

BOOST_AUTO_TEST_CASE(what_touches_or_overlaps_is_one) {
  ByteRanges set;
  set.add({10, 20});
  set.add({30, 40});
  set.add({5, 5});
  BOOST_TEST(set.bytes() == 20U);
  BOOST_TEST(!set.contains({10, 40}));
  set.add({20, 25});
  BOOST_TEST(set.contains({10, 25}));
  set.add({24, 31});
  BOOST_TEST(set.contains({10, 40}));
  BOOST_TEST(set.bytes() == 30U);
  set.add({0, 100});
  BOOST_TEST(set.bytes() == 100U);
  BOOST_TEST(!set.contains({99, 101}));
  BOOST_TEST(set.contains({200, 200}));
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_told_in_order) {
  ByteRanges set;
  set.add({10, 20});
  set.add({30, 40});
  BOOST_TEST((set.missing({0, 50}) == Ranges{{0, 10}, {20, 30}, {40, 50}}));
  BOOST_TEST((set.missing({15, 35}) == Ranges{{20, 30}}));
  BOOST_TEST((set.missing({12, 20}).empty()));
  BOOST_TEST((set.missing({40, 41}) == Ranges{{40, 41}}));
  BOOST_TEST((ByteRanges().missing({3, 4}) == Ranges{{3, 4}}));
}

BOOST_AUTO_TEST_CASE(neighbours_become_one_range) {
  const Ranges ranges{{100, 110}, {0, 10}, {20, 30}, {5, 12}, {50, 50}};
  BOOST_TEST((cas::coalesced(ranges, 0) == Ranges{{0, 12}, {20, 30}, {100, 110}}));
  BOOST_TEST((cas::coalesced(ranges, 7) == Ranges{{0, 12}, {20, 30}, {100, 110}}));
  BOOST_TEST((cas::coalesced(ranges, 8) == Ranges{{0, 30}, {100, 110}}));
  BOOST_TEST((cas::coalesced(ranges, 70) == Ranges{{0, 110}}));
  BOOST_TEST(total_bytes(cas::coalesced(ranges, 8)) == 40U);
  BOOST_TEST(cas::coalesced({}, 8).empty());
}

BOOST_AUTO_TEST_SUITE_END()
