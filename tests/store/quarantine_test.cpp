#include "store/quarantine.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/ingest.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

namespace {

struct QuarantineFixture : TempStore {
  Sha256Digest demo = add("demo", "1.0", {{"demo.py", "demo = 1\n"}, {"shared.py", "shared\n"}});
  Sha256Digest other = add("other", "1.0", {{"other.py", "other = 1\n"}});
  ObjectId id{sha256("demo = 1\n"), Executable::no};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(quarantine_tests, QuarantineFixture)

BOOST_AUTO_TEST_CASE(objects_go_with_the_packages_and_plans_that_stand_on_them) {
  const Sha256Digest stands = sha256("plan of demo"), stays = sha256("plan of other");
  const auto nothing = [](const ReadTxn&, const Schema&) { return std::string(); };
  BOOST_REQUIRE(record_plan(store, stands, std::vector{demo}, {}, nothing));
  BOOST_REQUIRE(record_plan(store, stays, std::vector{other}, {}, nothing));
  overwrite(object_path("demo = 1\n"), "demo = 0\n");

  const Quarantined gone = quarantine(store, std::vector{id}, {});
  BOOST_REQUIRE(gone.files.size() == 1U);
  BOOST_TEST(gone.files[0].starts_with(quarantine_directory(store) + "/" + id.file_name()));
  BOOST_TEST(slurp(gone.files[0]) == "demo = 0\n");
  BOOST_REQUIRE(gone.packages.size() == 1U);
  BOOST_TEST((gone.packages[0].artifact == demo));
  BOOST_TEST(!has_content("demo = 1\n"));
  BOOST_TEST(!has_package(demo));
  BOOST_TEST(has_package(other));
  store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    BOOST_TEST(!schema.plans.has(txn, stands));
    BOOST_TEST(schema.plans.has(txn, stays));
  });
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(what_is_set_aside_is_out_of_reach_and_nothing_is_forgotten) {
  const std::string path = object_path("demo = 1\n");
  overwrite(path, "demo = 0\n");
  const auto places = set_aside(store, std::vector{id});
  BOOST_REQUIRE(places.size() == 1U);
  BOOST_TEST(slurp(places[0]) == "demo = 0\n");
  BOOST_TEST(!exists(path));
  BOOST_TEST(has_package(demo));
  BOOST_TEST(find_object(store, id).has_value());
  BOOST_TEST(problems().size() == 1U);
  BOOST_TEST(set_aside(store, std::vector{id}).empty());
}

// Somebody added it again while others were asked for a copy.
BOOST_AUTO_TEST_CASE(what_is_right_by_now_stays) {
  BOOST_TEST(set_aside(store, std::vector{id}).empty());
  const Quarantined gone = quarantine(store, std::vector{id}, std::vector{demo, other});
  BOOST_TEST(gone.files.empty());
  BOOST_TEST(gone.packages.empty());
  BOOST_TEST(has_package(demo));
  BOOST_TEST(has_package(other));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(what_was_forgotten_is_read_again) {
  overwrite(object_path("demo = 1\n"), "demo = 0\n");
  const Quarantined gone = quarantine(store, std::vector{id}, {});
  BOOST_TEST(gone.packages.size() == 1U);
  BOOST_TEST((add("demo", "1.0", {{"demo.py", "demo = 1\n"}, {"shared.py", "shared\n"}}) == demo));
  BOOST_TEST(has_content("demo = 1\n"));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(all_of_it_goes_when_that_is_asked_for) {
  const std::string held = dir / "held";
  overwrite(object_path("demo = 1\n"), "demo = 0\n");
  std::filesystem::create_hard_link(object_path("demo = 1\n"), held);
  static_cast<void>(quarantine(store, std::vector{id}, {}));
  write_test_file(quarantine_directory(store) + "/note", "somebody's");
  BOOST_TEST(discard_quarantine(store, true).size() == 1U);
  BOOST_TEST(list_quarantine(store).size() == 1U);
  const auto gone = discard_quarantine(store, false);
  BOOST_REQUIRE(gone.size() == 1U);
  BOOST_TEST((gone[0].object == id));
  BOOST_TEST(is_had_elsewhere(gone, gone[0]));
  BOOST_TEST(list_quarantine(store).empty());
  BOOST_TEST(exists(quarantine_directory(store) + "/note"));
  BOOST_TEST(slurp(held) == "demo = 0\n");
  BOOST_TEST(discard_quarantine(store, false).empty());
}

BOOST_AUTO_TEST_CASE(a_file_stays_until_nobody_has_it_and_the_store_has_a_good_one) {
  const std::string held = dir / "held";
  overwrite(object_path("demo = 1\n"), "demo = 0\n");
  std::filesystem::create_hard_link(object_path("demo = 1\n"), held);
  static_cast<void>(quarantine(store, std::vector{id}, {}));
  const auto files = list_quarantine(store);
  BOOST_REQUIRE(files.size() == 1U);
  BOOST_TEST((files[0].object == id));
  BOOST_TEST(std::filesystem::equivalent(files[0].path, held));
  release_quarantine(store);
  BOOST_TEST(list_quarantine(store).size() == 1U);
  static_cast<void>(add("demo", "1.0", {{"demo.py", "demo = 1\n"}, {"shared.py", "shared\n"}}));
  release_quarantine(store);
  BOOST_TEST(list_quarantine(store).size() == 1U);
  std::filesystem::remove(held);
  release_quarantine(store);
  BOOST_TEST(list_quarantine(store).empty());
}

BOOST_AUTO_TEST_CASE(what_the_store_still_uses_is_not_kept_for_long) {
  const Fd segment = open_directory(std::filesystem::path(object_path("demo = 1\n")).parent_path());
  BOOST_TEST(!keep_damaged_file(store, segment.get(), id).empty());
  BOOST_REQUIRE(list_quarantine(store).size() == 1U);
  BOOST_TEST(list_quarantine(store)[0].in_use);
  release_quarantine(store);
  BOOST_TEST(list_quarantine(store).empty());
  BOOST_TEST(keep_damaged_file(store, segment.get(), {sha256("nothing"), Executable::no}).empty());
}

BOOST_AUTO_TEST_CASE(a_package_alone_takes_no_object_along) {
  std::filesystem::remove(object_path("demo = 1\n"));
  std::filesystem::remove(store.layout().manifest(find_package(store.index(), other).value().row.manifest));
  BOOST_TEST(quarantine(store, std::vector{id}, std::vector{other}).files.empty());
  BOOST_TEST(!has_package(other));
  BOOST_TEST(has_content("other = 1\n"));
}

BOOST_AUTO_TEST_SUITE_END()
