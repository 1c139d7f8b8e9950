#include "store/unsynced.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/sys/file.hpp"
#include "store/sys/lock.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* kNextBoot = "11111111-2222-4333-8444-555555555555";

bool is_noted(const Store& store) {
  return store.index().read(
      [](const ReadTxn& txn, const Schema& schema) { return schema.meta.get(txn, "unsynced").has_value(); });
}

void record(TempStore& store, const std::string& key, const Sha256Digest& artifact) {
  BOOST_REQUIRE(record_plan(store.store, sha256(key), {{artifact}}, {},
                            [](const ReadTxn&, const Schema&) { return std::string("body"); }));
}

bool has_plan(const Store& store, const std::string& key) {
  return store.index().read(
      [&](const ReadTxn& txn, const Schema& schema) { return schema.plans.has(txn, sha256(key)); });
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(unsynced_tests, TempStore)

BOOST_AUTO_TEST_CASE(only_what_is_not_synchronised_is_noted) {
  add("demo", "1.0", {{"demo.py", "content"}});
  BOOST_TEST(is_noted(store));
  TempStore synchronised(Durability::batch);
  synchronised.add("demo", "1.0", {{"demo.py", "content"}});
  BOOST_TEST(!is_noted(synchronised.store));
}

BOOST_AUTO_TEST_CASE(in_the_same_boot_nothing_is_looked_at) {
  add("demo", "1.0", {{"demo.py", "content"}});
  overwrite(object_path("content"), "CONTENT");
  const Distrusted distrusted = distrust_unsynced(store, boot_id(), 1);
  BOOST_TEST(distrusted.objects_checked == 0U);
  BOOST_TEST(has_content("content"));
  BOOST_TEST(is_noted(store));
}

BOOST_AUTO_TEST_CASE(after_another_boot_what_is_whole_stays) {
  const Sha256Digest artifact = add("demo", "1.0", {{"demo.py", "content"}});
  record(*this, "plan", artifact);
  const Distrusted distrusted = distrust_unsynced(store, kNextBoot, 2);
  BOOST_TEST(distrusted.objects_checked == object_rows());
  BOOST_TEST(distrusted.objects_lost == 0U);
  BOOST_TEST(distrusted.packages.empty());
  BOOST_TEST(has_package(artifact));
  BOOST_TEST(has_plan(store, "plan"));
  BOOST_TEST(!is_noted(store));
  BOOST_TEST(distrust_unsynced(store, kNextBoot, 1).objects_checked == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_lost_goes_with_all_that_stands_on_it) {
  const Sha256Digest lost = add("lost", "1.0", {{"lost.py", "lost content"}, {"both.py", "in both"}});
  const Sha256Digest kept = add("kept", "2.0", {{"kept.py", "kept content"}, {"both.py", "in both"}});
  record(*this, "of lost", lost);
  record(*this, "of kept", kept);
  const std::string file = object_path("lost content");
  fs::resize_file(file, 0);
  const Distrusted distrusted = distrust_unsynced(store, kNextBoot, 1);
  BOOST_TEST(distrusted.objects_lost == 1U);
  BOOST_TEST((distrusted.packages == std::vector<std::string>{"lost 1.0"}));
  BOOST_TEST(!has_package(lost));
  BOOST_TEST(!has_content("lost content"));
  BOOST_TEST(!exists(file));
  BOOST_TEST(!has_plan(store, "of lost"));
  BOOST_TEST(has_package(kept));
  BOOST_TEST(has_plan(store, "of kept"));
  BOOST_TEST(problems().empty());
  // And comes back.
  BOOST_TEST((add("lost", "1.0", {{"lost.py", "lost content"}, {"both.py", "in both"}}) == lost));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(bytes_of_the_right_number_are_not_enough) {
  const Sha256Digest artifact = add("demo", "1.0", {{"demo.py", "content"}});
  overwrite(object_path("content"), std::string(7, '\0'));
  set_file_mtime(object_path("content"), canonical_mtime(sha256("content")));
  BOOST_TEST(distrust_unsynced(store, kNextBoot, 1).objects_lost == 1U);
  BOOST_TEST(!has_package(artifact));
}

BOOST_AUTO_TEST_CASE(an_object_that_others_shared_takes_them_with_it) {
  const Sha256Digest first = add("first", "1.0", {{"both.py", "in both"}});
  const Sha256Digest second = add("second", "1.0", {{"both.py", "in both"}});
  fs::remove(object_path("in both"));
  BOOST_TEST(distrust_unsynced(store, kNextBoot, 1).packages.size() == 2U);
  BOOST_TEST(!has_package(first));
  BOOST_TEST(!has_package(second));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_manifest_that_is_not_whole_is_a_lost_package) {
  const Sha256Digest artifact = add("demo", "1.0", {{"demo.py", "content"}});
  const auto package = find_package(store.index(), artifact);
  const std::string manifest = store.layout().manifest(package->row.manifest);
  overwrite(manifest, "");
  const Distrusted distrusted = distrust_unsynced(store, kNextBoot, 1);
  BOOST_TEST(distrusted.objects_lost == 0U);
  BOOST_TEST((distrusted.packages == std::vector<std::string>{"demo 1.0"}));
  BOOST_TEST(!exists(manifest));
}

BOOST_AUTO_TEST_CASE(every_segment_of_the_boot_is_looked_at) {
  std::uint32_t first = 0;
  {
    const auto row = add("first", "1.0", {{"first.py", "first content"}});
    BOOST_REQUIRE(has_package(row));
    first = find_object(store, {sha256("first content"), Executable::no})->segment;
  }
  // Another writer holds that segment meanwhile: the next package goes to one of its own.
  const Fd held = open_directory(store.layout().segment(first));
  BOOST_REQUIRE(try_lock_fd(held.get(), LockMode::exclusive));
  add("second", "1.0", {{"second.py", "second content"}});
  BOOST_REQUIRE(find_object(store, {sha256("second content"), Executable::no})->segment != first);
  fs::remove(object_path("first content"));
  fs::remove(object_path("second content"));
  BOOST_TEST(distrust_unsynced(store, kNextBoot, 1).objects_lost == 2U);
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(without_a_boot_id_it_is_looked_at_each_time) {
  add("demo", "1.0", {{"demo.py", "content"}});
  BOOST_TEST(distrust_unsynced(store, "", 1).objects_checked > 0U);
}

BOOST_AUTO_TEST_SUITE_END()
