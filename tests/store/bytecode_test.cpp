#include "store/bytecode.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/ingest.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

namespace {

constexpr const char* kCompiler = "made-up compiler";

struct BytecodeFixture : TempStore {
  Sha256Digest artifact = add("demo", "1.0", {{"demo.py", "source"}});
  Sha256Digest key = sha256("plan");

  bool record(BytecodeBatch& batch) {
    return record_plan(
        store, key, {&artifact, 1}, {}, [](const ReadTxn&, const Schema&) { return std::string("body"); }, &batch);
  }
  // Compiled and recorded with a plan.
  BytecodeRow compile(std::string_view source, std::string_view code) {
    BytecodeBatch batch(store, kCompiler);
    const BytecodeRow row = batch.put(sha256(source), code);
    BOOST_REQUIRE(record(batch));
    return row;
  }
  std::optional<BytecodeRow> find(std::string_view source, std::string_view compiler = kCompiler) {
    const Sha256Digest digest = sha256(source);
    return find_bytecode(store, {&digest, 1}, compiler).front();
  }
  std::uint64_t rows() {
    return store.index().read([](const ReadTxn& txn, const Schema& schema) { return schema.bytecode.size(txn); });
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(bytecode_tests, BytecodeFixture)

BOOST_AUTO_TEST_CASE(what_was_compiled_is_found_by_source_and_compiler) {
  const BytecodeRow row = compile("source", "code");
  const auto found = find("source");
  BOOST_REQUIRE(found);
  BOOST_TEST((found->object == row.object));
  BOOST_TEST(found->size == 4U);
  BOOST_TEST(slurp(object_path("code")) == "code");
  BOOST_TEST(!find("source", "another compiler"));
  BOOST_TEST(!find("another source"));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(what_does_not_compile_is_remembered_while_its_source_is_there) {
  BytecodeBatch batch(store, kCompiler);
  batch.put_refused(sha256("source"));
  batch.put_refused(sha256("gone"));
  BOOST_REQUIRE(record(batch));
  const auto found = find("source");
  BOOST_REQUIRE(found);
  BOOST_TEST(found->size == 0U);
  BOOST_TEST(!find("gone"));
}

BOOST_AUTO_TEST_CASE(what_was_not_recorded_leaves_nothing) {
  const auto before = object_files();
  {
    BytecodeBatch batch(store, kCompiler);
    batch.put(sha256("source"), "code");
    BOOST_TEST(object_files().size() == before.size() + 1);
  }
  BOOST_TEST(object_files() == before);
  BOOST_TEST(!find("source"));
}

BOOST_AUTO_TEST_CASE(a_plan_keeps_its_bytecode_and_takes_it_along) {
  compile("source", "code");
  const Anchor anchor = make_rooted_directory(dir / "env", {artifact}, key);
  BOOST_TEST(collect().objects_removed == 0U);
  BOOST_TEST(find("source").has_value());
  std::filesystem::remove_all(anchor.target);
  collect();
  BOOST_TEST(!has_content("code"));
  BOOST_TEST(!find("source"));
  BOOST_TEST(rows() == 0U);
  BOOST_TEST(object_rows() == 0U);
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_row_without_its_object_is_never_believed) {
  const BytecodeRow row = compile("source", "code");
  store.index().write([&](WriteTxn& txn, const Schema& schema) { schema.objects.erase(txn, row.object); });
  BOOST_TEST(!find("source"));
}

BOOST_AUTO_TEST_CASE(bytecode_that_was_collected_meanwhile_is_not_linked) {
  const BytecodeRow row = compile("source", "code");
  BytecodeBatch batch(store, kCompiler);
  batch.link(row.object);
  batch.put(sha256("other"), "other code");
  store.index().write([&](WriteTxn& txn, const Schema& schema) {
    schema.plans.clear(txn);
    schema.objects.erase(txn, row.object);
  });
  BOOST_TEST(!record(batch));
  BOOST_TEST(batch.collected());
  BOOST_TEST(store.index().read([&](const ReadTxn& txn, const Schema& schema) { return !schema.plans.has(txn, key); }));
}

BOOST_AUTO_TEST_CASE(known_bytecode_is_kept_by_the_second_plan_too) {
  const BytecodeRow row = compile("source", "code");
  BytecodeBatch batch(store, kCompiler);
  batch.link(row.object);
  key = sha256("second plan");
  BOOST_REQUIRE(record(batch));
  store.index().write([&](WriteTxn& txn, const Schema& schema) { schema.plans.erase(txn, sha256("plan")); });
  const Anchor anchor = make_rooted_directory(dir / "env", {artifact}, key);
  collect();
  BOOST_TEST(has_content("code"));
}

BOOST_AUTO_TEST_SUITE_END()
