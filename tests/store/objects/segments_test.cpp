#include "store/objects/segments.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>

#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

namespace {

struct SegmentFixture : TempStore {
  void set_objects(std::uint32_t segment, std::uint32_t objects) {
    std::filesystem::create_directories(store.layout().segment(segment));
    store.index().write(
        [&](WriteTxn& txn, const Schema& schema) { schema.segments.put(txn, segment, SegmentRow{objects}); });
  }
  std::uint32_t next_segment() { return SegmentWriter(store.layout(), store.index()).place().number; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(segments_tests, SegmentFixture)

BOOST_AUTO_TEST_CASE(the_first_object_opens_segment_0) {
  SegmentWriter writer(store.layout(), store.index());
  BOOST_TEST(writer.used().empty());
  BOOST_TEST(writer.place().number == 0U);
  BOOST_TEST(exists(store.layout().segment(0)));
}

BOOST_AUTO_TEST_CASE(a_full_segment_is_followed_by_another) {
  SegmentWriter writer(store.layout(), store.index());
  for (std::uint32_t i = 0; i < kSegmentObjects; ++i) BOOST_REQUIRE(writer.place().number == 0U);
  BOOST_TEST(writer.place().number == 1U);
  BOOST_TEST((writer.used() == std::vector<std::uint32_t>{0, 1}));
}

BOOST_AUTO_TEST_CASE(a_segment_with_room_is_filled_up_to_the_limit) {
  set_objects(0, kSegmentObjects / 2 - 1);
  SegmentWriter writer(store.layout(), store.index());
  for (std::uint32_t i = 0; i < kSegmentObjects / 2 + 1; ++i) BOOST_REQUIRE(writer.place().number == 0U);
  BOOST_TEST(writer.place().number == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_more_than_half_full_stays_as_it_is) {
  set_objects(0, kSegmentObjects / 2);
  BOOST_TEST(next_segment() == 1U);
}

BOOST_AUTO_TEST_CASE(holes_in_old_segments_are_not_refilled) {
  set_objects(0, 1);
  for (std::uint32_t i = 1; i <= 8; ++i) set_objects(i, kSegmentObjects);
  BOOST_TEST(next_segment() == 9U);
}

BOOST_AUTO_TEST_CASE(the_youngest_segment_with_room_comes_first) {
  set_objects(0, 1);
  set_objects(1, 1);
  BOOST_TEST(next_segment() == 1U);
}

BOOST_AUTO_TEST_CASE(a_held_segment_is_left_to_its_holder) {
  set_objects(0, 1);
  std::optional<SegmentWriter> holder(std::in_place, store.layout(), store.index());
  BOOST_TEST(holder->place().number == 0U);
  BOOST_TEST(next_segment() == 1U);
  holder.reset();
  BOOST_TEST(next_segment() == 0U);
}

// A crashed writer's segment, or another writer's whose rows are yet to come.
BOOST_AUTO_TEST_CASE(a_directory_that_the_index_does_not_know_is_passed_over) {
  std::filesystem::create_directories(store.layout().segment(0));
  BOOST_TEST(next_segment() == 1U);
}

BOOST_AUTO_TEST_CASE(a_row_without_a_directory_is_no_place) {
  store.index().write([&](WriteTxn& txn, const Schema& schema) { schema.segments.put(txn, 0, SegmentRow{1}); });
  BOOST_TEST(next_segment() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
