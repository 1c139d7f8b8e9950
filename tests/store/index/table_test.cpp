#include "store/index/table.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "store/index/index.hpp"
#include "tests/support/temp_dir.hpp"

namespace data = boost::unit_test::data;
using namespace cas;

namespace {

struct OpenIndex : test::TempDir {
  std::unique_ptr<Index> index = Index::open(path());
};

// Calls that must not compile.
template <class T>
concept CanInsert = requires(const Schema& schema, T& txn) {
  schema.meta.insert(txn, "key", "value");
};
template <class T>
concept CanRead = requires(const Schema& schema, const T& txn) {
  schema.meta.get(txn, "key");
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(table, OpenIndex)

BOOST_AUTO_TEST_CASE(a_read_transaction_cannot_write) {
  static_assert(CanRead<ReadTxn> && CanRead<WriteTxn>);
  static_assert(CanInsert<WriteTxn> && !CanInsert<ReadTxn>);
}

BOOST_AUTO_TEST_CASE(what_was_put_is_got) {
  index->write([](WriteTxn& txn, const Schema& schema) {
    schema.meta.put(txn, "key", "value");
    BOOST_TEST(schema.meta.get(txn, "key").value_or("") == "value");  // also before the commit
  });
  index->read([](const ReadTxn& txn, const Schema& schema) {
    BOOST_TEST(schema.meta.get(txn, "key").value_or("") == "value");
    BOOST_TEST(schema.meta.get_raw(txn, "key").value_or("") == "value");
    BOOST_TEST(schema.meta.has(txn, "key"));
    BOOST_TEST(!schema.meta.has(txn, "other"));
    BOOST_TEST(!schema.meta.get(txn, "other").has_value());
    BOOST_TEST(!schema.meta.get_raw(txn, "other").has_value());
  });
}

BOOST_AUTO_TEST_CASE(insert_never_replaces_and_put_does) {
  index->write([](WriteTxn& txn, const Schema& schema) {
    BOOST_TEST(schema.meta.insert(txn, "key", "first"));
    BOOST_TEST(!schema.meta.insert(txn, "key", "second"));
    BOOST_TEST(schema.meta.get(txn, "key").value_or("") == "first");
    schema.meta.put(txn, "key", "third");
    BOOST_TEST(schema.meta.get(txn, "key").value_or("") == "third");
  });
}

BOOST_AUTO_TEST_CASE(erase_says_whether_it_was_there) {
  index->write([](WriteTxn& txn, const Schema& schema) {
    schema.meta.put(txn, "key", "value");
    BOOST_TEST(schema.meta.erase(txn, "key"));
    BOOST_TEST(!schema.meta.erase(txn, "key"));
    BOOST_TEST(!schema.meta.has(txn, "key"));
  });
}

BOOST_AUTO_TEST_CASE(values_may_be_empty_and_hold_any_byte) {
  const std::string bytes("\0\xff\n", 3);
  index->write([&](WriteTxn& txn, const Schema& schema) {
    schema.meta.put(txn, "empty", "");
    schema.meta.put(txn, "bytes", bytes);
  });
  index->read([&](const ReadTxn& txn, const Schema& schema) {
    BOOST_TEST(schema.meta.get(txn, "empty").value_or("absent") == "");
    BOOST_TEST((schema.meta.get(txn, "bytes") == bytes));
  });
}

BOOST_AUTO_TEST_CASE(rows_come_in_the_order_of_numbers) {
  const std::vector<std::uint32_t> numbers = {70'000, 1, 256, 255, 0xffffffff, 0, 65'536};
  index->write([&](WriteTxn& txn, const Schema& schema) {
    for (const std::uint32_t number : numbers) schema.segments.put(txn, number, {number});
  });
  index->read([](const ReadTxn& txn, const Schema& schema) {
    std::vector<std::uint32_t> seen;
    schema.segments.for_each(txn, [&](std::uint32_t number, const SegmentRow& row) {
      BOOST_TEST(row.objects == number);
      seen.push_back(number);
    });
    BOOST_TEST(seen == (std::vector<std::uint32_t>{0, 1, 255, 256, 65'536, 70'000, 0xffffffff}),
               boost::test_tools::per_element());
    BOOST_TEST(schema.segments.size(txn) == 7U);
  });
}

BOOST_AUTO_TEST_CASE(a_range_begins_anywhere_and_ends_when_told) {
  index->write([](WriteTxn& txn, const Schema& schema) {
    for (std::uint32_t number = 0; number < 100; number += 10) schema.segments.put(txn, number, {});
  });
  index->read([](const ReadTxn& txn, const Schema& schema) {
    std::vector<std::uint32_t> seen;
    schema.segments.for_each_from(txn, 35, [&](std::uint32_t number, const SegmentRow&) {
      seen.push_back(number);
      return number < 60;
    });
    BOOST_TEST(seen == (std::vector<std::uint32_t>{40, 50, 60}), boost::test_tools::per_element());
    schema.segments.for_each_from(txn, 91,
                                  [](std::uint32_t, const SegmentRow&) -> bool { throw std::logic_error("none"); });
  });
}

BOOST_AUTO_TEST_CASE(an_exception_leaves_a_scan_cleanly) {
  index->write([](WriteTxn& txn, const Schema& schema) { schema.segments.put(txn, 1, {}); });
  BOOST_CHECK_THROW(index->read([](const ReadTxn& txn, const Schema& schema) {
    schema.segments.for_each(txn, [](std::uint32_t, const SegmentRow&) { throw std::runtime_error("stop"); });
  }),
                    std::runtime_error);
  BOOST_TEST(index->read([](const ReadTxn& txn, const Schema& schema) { return schema.segments.size(txn); }) == 1U);
}

BOOST_AUTO_TEST_CASE(clear_empties_one_table_alone) {
  index->write([](WriteTxn& txn, const Schema& schema) {
    for (std::uint32_t number = 0; number < 5000; ++number) schema.segments.put(txn, number, {});
    schema.meta.put(txn, "key", "value");
    schema.segments.clear(txn);
    BOOST_TEST(schema.segments.size(txn) == 0U);
  });
  index->read([](const ReadTxn& txn, const Schema& schema) {
    BOOST_TEST(schema.segments.size(txn) == 0U);
    BOOST_TEST(schema.meta.has(txn, "key"));
  });
}

BOOST_AUTO_TEST_CASE(a_key_that_lmdb_cannot_hold_is_an_error) {
  BOOST_CHECK_THROW(
      index->write([](WriteTxn& txn, const Schema& schema) { schema.meta.put(txn, std::string(600, 'k'), ""); }),
      IndexError);
}

BOOST_AUTO_TEST_CASE(damaged_rows_are_corruption_with_a_hint) {
  index->write([](WriteTxn& txn, const Schema& schema) {
    const auto id = ObjectIdCodec::encode({sha256("abc"), Executable::no});
    MDB_dbi objects = 0;
    BOOST_REQUIRE(mdb_dbi_open(txn.handle(), schema.objects.name(), 0, &objects) == MDB_SUCCESS);
    detail::put(txn, objects, id, "short", true);
  });
  BOOST_CHECK_EXCEPTION(
      index->read([](const ReadTxn& txn, const Schema& schema) {
        return schema.objects.get(txn, {sha256("abc"), Executable::no}).has_value();
      }),
      Corruption, [](const Corruption& error) { return error.hint().find("cas index rebuild") != std::string::npos; });
}

const int kDamage[] = {MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_INVALID, MDB_VERSION_MISMATCH};

BOOST_DATA_TEST_CASE(damage_names_the_rebuild, data::make(kDamage), code) {
  const IndexError error(code, "read a record");
  BOOST_TEST(error.code() == code);
  BOOST_TEST(error.is_damage());
  BOOST_TEST(error.kind() == "corruption");
  BOOST_TEST(error.hint().find("cas index rebuild") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(limits_name_their_remedy) {
  BOOST_TEST(IndexError(MDB_MAP_FULL, "commit").hint().find("ulimit -v") != std::string::npos);
  BOOST_TEST(IndexError(MDB_MAP_RESIZED, "begin").hint().find("ulimit -v") != std::string::npos);
  BOOST_TEST(IndexError(ENOSPC, "commit").hint().find("cas gc") != std::string::npos);
  BOOST_TEST(IndexError(EIO, "commit").kind() == "system");
  BOOST_TEST(IndexError(EIO, "commit").hint().find("cas gc") != std::string::npos);
  BOOST_TEST(IndexError(EINVAL, "commit").hint().empty());
}

BOOST_AUTO_TEST_SUITE_END()
