#include "store/object_table.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

namespace {

struct TableFixture : TempStore {
  static ObjectId id(std::size_t number, Executable executable = Executable::no) {
    return {sha256("object " + std::to_string(number)), executable};
  }
  void fill(std::size_t rows) {
    store.index().write([&](WriteTxn& txn, const Schema& schema) {
      for (std::size_t i = 0; i < rows; ++i)
        schema.objects.put(txn, id(i), {static_cast<std::uint32_t>(i / 7), i + 1, 0, {}});
    });
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(object_table_tests, TableFixture)

BOOST_AUTO_TEST_CASE(an_empty_index_has_nothing_to_find) {
  const ObjectTable table(store.index());
  BOOST_TEST(table.size() == 0U);
  BOOST_TEST(!table.find(id(0)));
}

// More than one piece of the index is read.
BOOST_AUTO_TEST_CASE(every_row_is_found_with_what_the_index_says) {
  constexpr std::size_t kRows = 20'000;
  fill(kRows);
  const ObjectTable table(store.index());
  BOOST_TEST(table.size() == kRows);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < kRows; ++i) {
    const auto position = table.find(id(i));
    if (!position || table.id(*position) != id(i) || table.bytes(*position) != i + 1 ||
        table.segment(*position) != i / 7)
      ++wrong;
  }
  BOOST_TEST(wrong == 0U);
  BOOST_TEST(!table.find(id(kRows)));
  BOOST_TEST(!table.find(id(0, Executable::yes)));
}

BOOST_AUTO_TEST_CASE(an_object_is_held_until_the_last_lets_go) {
  fill(3);
  ObjectTable table(store.index());
  const auto position = table.find(id(1)).value();
  BOOST_TEST(!table.is_held(position));
  BOOST_TEST(table.hold(position));
  BOOST_TEST(!table.hold(position));
  BOOST_TEST(!table.release(position));
  BOOST_TEST(table.is_held(position));
  BOOST_TEST(table.release(position));
  BOOST_TEST(!table.is_held(position));
  BOOST_TEST(!table.is_held(table.find(id(0)).value()));
}

BOOST_AUTO_TEST_CASE(what_comes_later_is_not_in_it) {
  fill(3);
  const ObjectTable table(store.index());
  fill(4);
  BOOST_TEST(!table.find(id(3)));
}

BOOST_AUTO_TEST_SUITE_END()
