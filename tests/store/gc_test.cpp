#include "store/gc.hpp"
#include "store/gc_listing.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/objects/object_batch.hpp"
#include "store/pins.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

std::uint64_t now() {
  return static_cast<std::uint64_t>(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
}

struct GcFixture : TempStore {
  void set_used(const Sha256Digest& artifact, std::chrono::hours ago) {
    store.index().write([&](WriteTxn& txn, const Schema& schema) {
      PackageRow row = schema.packages.get(txn, artifact).value();
      row.used_at = now() - static_cast<std::uint64_t>(std::chrono::seconds(ago).count());
      schema.packages.put(txn, artifact, row);
    });
  }
  GcResult collect_with_hook(std::string_view phase, const std::function<void()>& hook) {
    HookProgress progress;
    bool done = false;
    progress.on_phase = [&](std::string_view what) {
      if (what == phase && !done) {
        done = true;
        hook();
      }
    };
    const GcResult result = collect_garbage(store, {}, progress);
    BOOST_TEST(done);
    return result;
  }
  void plan_for(const Sha256Digest& artifact, std::string_view generated) {
    const GeneratedObject object{{sha256(generated), Executable::no}, generated};
    BOOST_REQUIRE(record_plan(store, sha256(artifact.hex()), {&artifact, 1}, {&object, 1},
                              [](const ReadTxn&, const Schema&) { return std::string("body"); }));
  }
  std::size_t plans() {
    std::size_t count = 0;
    store.index().read([&](const ReadTxn& txn, const Schema& schema) {
      schema.plans.for_each(txn, [&](const Sha256Digest&, const PlanRow&) { ++count; });
    });
    return count;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(gc_tests, GcFixture)

BOOST_AUTO_TEST_CASE(what_environments_use_stays_and_the_rest_goes) {
  const auto used = add("used", "1.0", {{"used.py", "used"}, {"common.py", "common"}});
  const auto unused = add("unused", "1.0", {{"unused.py", "unused"}, {"common.py", "common"}});
  make_rooted_directory(dir / "env", {used});
  const GcResult result = collect();
  BOOST_TEST(result.environments == 1U);
  BOOST_TEST(result.gone.empty());
  BOOST_REQUIRE(result.packages.size() == 1U);
  BOOST_TEST(result.packages[0].name == "unused");
  BOOST_TEST((result.packages[0].artifact == unused));
  BOOST_TEST(has_package(used));
  BOOST_TEST(!has_package(unused));
  BOOST_TEST(has_content("used"));
  BOOST_TEST(has_content("common"));
  BOOST_TEST(!has_content("unused"));
  BOOST_TEST(result.objects_kept == object_rows());
  BOOST_TEST(object_files().size() == object_rows());
  BOOST_TEST(names_in(store.layout().manifests()).size() == 1U);
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_deleted_environment_frees_its_packages) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  make_rooted_directory(dir / "env", {artifact});
  BOOST_TEST(collect().packages.empty());
  fs::remove_all(dir / "env");
  const GcResult result = collect();
  BOOST_TEST((result.gone == std::vector<std::string>{dir / "env"}));
  BOOST_TEST(!has_package(artifact));
  BOOST_TEST(object_files().empty());
  BOOST_TEST(names_in(store.layout().roots()).empty());
  BOOST_TEST(names_in(store.layout().objects()).empty());  // empty segments go, too
}

BOOST_AUTO_TEST_CASE(a_moved_environment_keeps_its_packages) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  make_rooted_directory(dir / "env", {artifact});
  fs::rename(dir / "env", dir / "elsewhere");
  const GcResult result = collect();
  BOOST_TEST(result.gone.empty());
  BOOST_TEST(has_package(artifact));
  BOOST_TEST(has_content("content"));
}

BOOST_AUTO_TEST_CASE(a_pending_environment_keeps_its_packages) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  PendingRoot pending(store, anchor_for(dir / "env", {artifact}), "");
  pending.publish();
  static_cast<void>(collect());
  BOOST_TEST(has_package(artifact));
  BOOST_TEST(has_content("content"));
}

BOOST_AUTO_TEST_CASE(a_dry_run_changes_nothing_and_says_what_would_happen) {
  const auto used = add("used", "1.0", {{"used.py", "used"}, {"common.py", "common"}});
  add("unused", "1.0", {{"unused.py", "unused"}, {"common.py", "common"}, {"held.py", "held"}});
  make_rooted_directory(dir / "env", {used});
  make_rooted_directory(dir / "gone", {used});
  fs::remove_all(dir / "gone");
  fs::create_hard_link(object_path("held"), dir / "somewhere");
  const auto before = snapshot_content(store);
  const std::uint64_t rows = object_rows();
  GcOptions options;
  options.dry_run = true;
  const GcResult dry = collect(options);
  BOOST_TEST((snapshot_content(store) == before));
  BOOST_TEST(object_rows() == rows);
  BOOST_TEST(list_packages(store.index()).size() == 2U);

  const GcResult real = collect();
  BOOST_TEST(dry.environments == real.environments);
  BOOST_TEST((dry.gone == real.gone));
  BOOST_REQUIRE(dry.packages.size() == real.packages.size());
  BOOST_TEST(dry.packages.at(0).name == real.packages.at(0).name);
  BOOST_TEST(dry.packages.at(0).reason == real.packages.at(0).reason);
  BOOST_TEST(dry.objects_removed == real.objects_removed);
  BOOST_TEST(dry.bytes_freed == real.bytes_freed);
  BOOST_TEST(dry.objects_kept == real.objects_kept);
  BOOST_TEST(dry.objects_held == real.objects_held);
  BOOST_TEST(real.objects_held == 1U);
}

BOOST_AUTO_TEST_CASE(a_dry_run_foresees_what_environments_hold_that_will_be_removed_before) {
  const auto used = add("used", "1.0", {{"used.py", "used"}, {"common.py", "common"}});
  const auto leaving = add("leaving", "1.0", {{"leaving.py", "leaving"}, {"common.py", "common"}, {"held.py", "held"}});
  make_rooted_directory(dir / "env", {used});
  const Anchor anchor = make_rooted_directory(dir / "script", {used, leaving});
  for (const char* content : {"used", "common", "leaving", "held"}) {
    fs::create_hard_link(object_path(content), fs::path(dir / "script") / content);
    fs::create_hard_link(object_path(content), fs::path(dir / "script") / (std::string(content) + " again"));
  }
  fs::create_hard_link(object_path("held"), dir / "somewhere");
  GcOptions options;
  options.dry_run = true;
  BOOST_TEST(collect(options).packages.empty());
  options.leaving = {anchor.id};
  const auto before = snapshot_content(store);
  const GcResult dry = collect(options);
  const GcListing dead = list_side(store, options, GcSide::dead, silent);
  BOOST_TEST((snapshot_content(store) == before));

  retire_root(store, find_root(store, dir / "script"));
  fs::remove_all(dir / "script");
  const GcResult real = collect();
  BOOST_TEST(dry.environments == real.environments);
  BOOST_TEST(dry.gone.empty());
  BOOST_TEST(real.gone.empty());
  BOOST_REQUIRE(dry.packages.size() == 1U);
  BOOST_TEST((dry.packages[0].artifact == leaving));
  BOOST_TEST(real.packages.size() == 1U);
  BOOST_TEST(dry.objects_removed == real.objects_removed);
  BOOST_TEST(dry.bytes_freed == real.bytes_freed);
  BOOST_TEST(real.bytes_freed > 0U);
  BOOST_TEST(dead.packages.size() == 1U);
  BOOST_TEST(dead.objects.size() == real.objects_removed);
  BOOST_TEST(dry.objects_kept == real.objects_kept);
  BOOST_TEST(dry.objects_held == real.objects_held);
  BOOST_TEST(real.objects_held == 1U);
}

BOOST_AUTO_TEST_CASE(freed_bytes_are_the_sizes_of_what_went) {
  const auto used = add("used", "1.0", {{"used.py", "used"}});
  make_rooted_directory(dir / "env", {used});
  const IngestResult unused = ingest(make_wheel("unused", "1.0", {{"unused.py", std::string(10000, 'u')}}));
  const GcResult result = collect();
  BOOST_TEST(result.objects_removed == unused.new_files);
  BOOST_TEST(result.bytes_freed == unused.new_bytes);
}

BOOST_AUTO_TEST_CASE(max_age_keeps_what_was_used_lately) {
  const auto young = add("young", "1.0", {{"young.py", "young"}});
  const auto old = add("old", "1.0", {{"old.py", "old"}});
  set_used(young, std::chrono::hours(10));
  set_used(old, std::chrono::hours(30));
  GcOptions options;
  options.max_age = std::chrono::hours(24);
  const GcResult result = collect(options);
  BOOST_TEST(has_package(young));
  BOOST_TEST(!has_package(old));
  BOOST_REQUIRE(result.packages.size() == 1U);
  BOOST_TEST(result.packages[0].reason.find("unused for") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_last_environments_use_counts_for_max_age) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "demo"}});
  set_used(artifact, std::chrono::hours(1000));
  make_rooted_directory(dir / "env", {artifact});  // used now
  fs::remove_all(dir / "env");
  GcOptions options;
  options.max_age = std::chrono::hours(24);
  static_cast<void>(collect(options));
  BOOST_TEST(has_package(artifact));
  // And is remembered now that the anchor is gone.
  static_cast<void>(collect(options));
  BOOST_TEST(has_package(artifact));
}

BOOST_AUTO_TEST_CASE(max_size_takes_the_least_recently_used_first) {
  std::vector<Sha256Digest> artifacts;
  for (int i = 0; i < 4; ++i) {
    const std::string name = "p" + std::to_string(i);
    artifacts.push_back(add(name, "1.0", {{name + ".py", std::string(10000, static_cast<char>('a' + i))}}));
  }
  set_used(artifacts[0], std::chrono::hours(1));
  set_used(artifacts[1], std::chrono::hours(40));
  set_used(artifacts[2], std::chrono::hours(30));
  set_used(artifacts[3], std::chrono::hours(50));
  make_rooted_directory(dir / "env", {artifacts[3]});  // in use: stays, though it is the oldest
  GcOptions options;
  options.max_size = 31000;
  const GcResult result = collect(options);
  BOOST_REQUIRE(result.packages.size() == 1U);
  BOOST_TEST(result.packages[0].name == "p1");
  options.max_size = 0;
  const GcResult all = collect(options);
  BOOST_TEST(has_package(artifacts[3]));
  BOOST_TEST(!has_package(artifacts[0]));
  BOOST_TEST(all.warnings.size() == 1U);  // the environments need more
}

BOOST_AUTO_TEST_CASE(max_size_that_is_not_reached_removes_nothing) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "demo"}});
  GcOptions options;
  options.max_size = 1'000'000;
  BOOST_TEST(collect(options).packages.empty());
  BOOST_TEST(has_package(artifact));
}

BOOST_AUTO_TEST_CASE(an_object_with_another_name_is_held) {
  add("demo", "1.0", {{"demo.py", "content"}});
  const std::string path = object_path("content");
  fs::create_hard_link(path, dir / "an environment out of sight");
  const GcResult result = collect();
  BOOST_TEST(result.objects_held == 1U);
  BOOST_TEST(exists(path));
  BOOST_TEST(has_content("content"));
  BOOST_TEST(problems().empty());
  fs::remove(dir / "an environment out of sight");
  BOOST_TEST(collect().objects_removed == 1U);
  BOOST_TEST(!exists(path));
}

// What other names keep gives nothing back: the next has to go.
BOOST_AUTO_TEST_CASE(what_has_other_names_does_not_count_as_given_back) {
  const auto linked = add("linked", "1.0", {{"linked.py", std::string(10000, 'l')}});
  const auto loose = add("loose", "1.0", {{"loose.py", std::string(10000, 'o')}});
  set_used(linked, std::chrono::hours(9));
  set_used(loose, std::chrono::hours(1));
  fs::create_hard_link(object_path(std::string(10000, 'l')), dir / "a copy by links");
  GcOptions options;
  options.max_freed = 5000;
  static_cast<void>(collect(options));
  BOOST_TEST(!has_package(loose));
  BOOST_TEST(!has_content(std::string(10000, 'o')));
  options.max_freed.reset();
  options.max_size = 100;
  BOOST_TEST(collect(options).warnings.size() == 1U);  // the store is larger than that
}

BOOST_AUTO_TEST_CASE(the_history_of_what_came_after_the_mark_stays) {
  add("demo", "1.0", {{"demo.py", "demo"}});
  make_rooted_directory(dir / "gone", {});
  fs::remove_all(dir / "gone");
  const std::string history(32, 'a');
  const std::string first = store.layout().history() + "/" + history + "/1";
  collect_with_hook("marking", [&] {
    const Anchor before = anchor_for(dir / "env", {});
    Anchor anchor = anchor_for(dir / "env", {});
    anchor.history = history;
    anchor.revision = 2;
    anchor.replaces = before.id;
    PendingRoot pending(store, anchor, "");
    pending.publish();
    fs::create_directories(dir / "env/.cas");
    pending.attach(kCurrentDirectory, dir / "env/.cas/anchor");
    pending.finish();
    fs::create_directories(store.layout().history() + "/" + history);
    write_test_file(first, encode_anchor(before));
  });
  BOOST_TEST(exists(first));
}

BOOST_AUTO_TEST_CASE(strange_names_keep_nothing_from_going) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "demo"}});
  for (const char* name : {"/roots/.draft", "/roots/zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "/manifests/strange"}) {
    fs::create_directories(store.layout().root() + name);
  }
  static_cast<void>(collect());
  BOOST_TEST(!has_package(artifact));
  BOOST_TEST(!has_content("demo"));
}

// Moved to another disk, and a link in its place: nothing there can be seen.
BOOST_AUTO_TEST_CASE(pins_and_history_behind_a_link_are_not_taken_for_none) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "demo"}});
  for (const std::string& path : {store.layout().pins(), store.layout().history()}) {
    fs::remove_all(path);
    fs::create_directory(dir / "elsewhere");
    fs::create_directory_symlink(dir / "elsewhere", path);
    BOOST_CHECK_THROW(static_cast<void>(collect()), Error);
    BOOST_TEST(has_package(artifact));
    fs::remove(path);
    fs::remove(dir / "elsewhere");
  }
}

BOOST_AUTO_TEST_CASE(a_plan_and_its_files_stay_as_long_as_its_packages) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  make_rooted_directory(dir / "env", {artifact}, sha256(artifact.hex()));
  plan_for(artifact, "generated");
  static_cast<void>(collect());
  BOOST_TEST(plans() == 1U);
  BOOST_TEST(has_content("generated"));
  fs::remove_all(dir / "env");
  static_cast<void>(collect());
  BOOST_TEST(plans() == 0U);
  BOOST_TEST(!has_content("generated"));
  BOOST_TEST(object_files().empty());
  BOOST_TEST(problems().empty());
}

// Of another Python's environments, say: the package stays, what was compiled of it for them goes.
BOOST_AUTO_TEST_CASE(a_plan_that_nobody_holds_goes_although_its_packages_stay) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  make_rooted_directory(dir / "new", {artifact}, sha256("new"));
  make_rooted_directory(dir / "old", {artifact}, sha256(artifact.hex()));
  plan_for(artifact, "generated");
  BOOST_TEST(collect().plans.empty());
  fs::remove_all(dir / "old");
  GcOptions options;
  options.dry_run = true;
  const GcResult dry = collect(options);
  const GcListing dead = list_side(store, options, GcSide::dead, silent);
  const GcResult result = collect();
  BOOST_REQUIRE(result.plans.size() == 1U);
  BOOST_TEST((result.plans[0].key == sha256(artifact.hex())));
  BOOST_TEST((result.plans[0].packages == std::vector<std::string>{"demo 1.0"}));
  BOOST_TEST(result.plans[0].reason == "no environment was made with it");
  BOOST_TEST(result.packages.empty());
  BOOST_TEST(result.objects_removed == 1U);
  BOOST_TEST((dry.plans.size() == 1U && dry.plans[0].key == result.plans[0].key));
  BOOST_TEST(dry.bytes_freed == result.bytes_freed);
  BOOST_TEST((dead.plans.size() == 1U && dead.objects.size() == 1U));
  BOOST_TEST(plans() == 0U);
  BOOST_TEST(!has_content("generated"));
  BOOST_TEST(has_content("content"));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_plan_that_an_environment_takes_up_during_the_mark_stays) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  make_rooted_directory(dir / "other", {artifact});
  plan_for(artifact, "generated");
  const GcResult result =
      collect_with_hook("marking", [&] { make_rooted_directory(dir / "env", {artifact}, sha256(artifact.hex())); });
  BOOST_TEST(result.plans.empty());
  BOOST_TEST(plans() == 1U);
  BOOST_TEST(has_content("generated"));
  BOOST_TEST(collect().plans.empty());
}

BOOST_AUTO_TEST_CASE(what_is_pinned_keeps_its_plans) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  const auto other = add("other", "1.0", {{"other.py", "other"}});
  make_rooted_directory(dir / "env", {artifact, other});
  plan_for(artifact, "generated");
  plan_for(other, "of the other");
  Pin pin;
  pin.what = "demo==1.0";
  pin.packages.push_back({artifact, "demo", "1.0"});
  add_pin(store, pin);
  BOOST_TEST(collect().plans.size() == 1U);
  BOOST_TEST(has_content("generated"));
  BOOST_TEST(!has_content("of the other"));
}

BOOST_AUTO_TEST_CASE(a_package_that_is_added_during_the_sweep_keeps_what_it_shares) {
  const auto unused = add("unused", "1.0", {{"a.py", "shared"}, {"b.py", "only here"}});
  Sha256Digest late;
  static_cast<void>(collect_with_hook("collecting", [&] {
    // Its objects are about to be swept, and have rows still.
    late = add("late", "1.0", {{"late.py", "shared"}});
  }));
  BOOST_TEST(!has_package(unused));
  BOOST_TEST(has_package(late));
  BOOST_TEST(slurp(object_path("shared")) == "shared");
  BOOST_TEST(!has_content("only here"));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_package_that_was_forgotten_and_is_added_again_during_the_sweep_is_whole) {
  const WheelBuilder wheel = make_wheel("demo", "1.0", {{"demo.py", "content"}});
  const auto artifact = add(wheel);
  static_cast<void>(collect_with_hook("collecting", [&] {
    BOOST_TEST(!has_package(artifact));
    add(wheel);
  }));
  BOOST_TEST(has_package(artifact));
  BOOST_TEST(problems().empty());
  BOOST_TEST(object_files().size() == object_rows());
}

BOOST_AUTO_TEST_CASE(an_environment_that_is_announced_during_the_mark_keeps_its_packages) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  plan_for(artifact, "generated");
  std::optional<PendingRoot> pending;
  const GcResult result = collect_with_hook("marking", [&] {
    pending.emplace(store, anchor_for(dir / "env", {artifact}), "");
    pending->publish();
  });
  BOOST_TEST(result.packages.empty());
  BOOST_TEST(result.plans.empty());
  BOOST_TEST(has_package(artifact));
  BOOST_TEST(has_content("content"));
  BOOST_TEST(has_content("generated"));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_plan_that_is_recorded_during_the_sweep_keeps_its_files) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  make_rooted_directory(dir / "env", {artifact});
  add("unused", "1.0", {{"unused.py", "generated"}});  // the very bytes that the plan will bring
  static_cast<void>(collect_with_hook("collecting", [&] { plan_for(artifact, "generated"); }));
  BOOST_TEST(slurp(object_path("generated")) == "generated");
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_segment_that_somebody_is_filling_is_left_for_the_next_time) {
  add("unused", "1.0", {{"unused.py", "unused"}});
  {
    SegmentWriter writer(store.layout(), store.index());
    static_cast<void>(writer.place());
    const GcResult result = collect();
    BOOST_TEST(result.packages.size() == 1U);
    BOOST_TEST(result.objects_removed == 0U);
    BOOST_TEST(has_content("unused"));
    BOOST_TEST(problems().empty());
  }
  BOOST_TEST(collect().objects_removed > 0U);
  BOOST_TEST(object_files().empty());
}

BOOST_AUTO_TEST_CASE(an_uncommitted_object_is_not_taken_for_an_orphan) {
  ObjectBatch batch(store.layout(), store.index(), Durability::none);
  const auto produce = [](const ObjectBatch::Sink& sink) {
    sink("pending");
    return sha256("pending");
  };
  static_cast<void>(batch.put(produce, Executable::no, 0));
  BOOST_TEST(collect().leftovers_removed == 0U);
  BOOST_TEST(object_files().size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_crashes_left_is_removed) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  make_rooted_directory(dir / "env", {artifact});
  write_test_file(store.layout().segment(0) + "/" + sha256("orphan").hex(), "orphan");
  write_test_file(store.layout().manifests() + "/" + sha256("stray").hex(), "stray");
  const std::size_t files = object_files().size();
  BOOST_TEST(verify().orphans == 1U);
  BOOST_TEST(collect().leftovers_removed == 2U);
  BOOST_TEST(object_files().size() == files - 1);
  BOOST_TEST(names_in(store.layout().manifests()).size() == 1U);
  BOOST_TEST(problems().empty());
}

// Nobody knows which packages it names: all stay until it is gone.
BOOST_AUTO_TEST_CASE(an_unreadable_anchor_keeps_every_package_and_is_a_warning) {
  const auto used = add("used", "1.0", {{"used.py", "used"}});
  const auto unused = add("unused", "1.0", {{"unused.py", "unused"}});
  make_rooted_directory(dir / "env", {used});
  const std::string broken = store.layout().roots() + "/0123456789abcdef0123456789abcdef";
  write_test_file(broken, "not an anchor");
  const GcResult result = collect();
  BOOST_REQUIRE(result.warnings.size() == 2U);
  BOOST_TEST(result.warnings[0].find("0123456789abcdef") != std::string::npos);
  BOOST_TEST(exists(broken));
  BOOST_TEST(has_package(used));
  BOOST_TEST(has_package(unused));
  std::filesystem::remove(broken);
  BOOST_TEST(collect().warnings.empty());
  BOOST_TEST(has_package(used));
  BOOST_TEST(!has_package(unused));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(what_is_forgotten_counts_as_gone) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  Anchor anchor = anchor_for(dir / "env", {artifact});
  anchor.linked = false;
  write_test_file(store.layout().roots() + "/" + anchor.id, encode_anchor(anchor));
  GcOptions options;
  BOOST_TEST(collect(options).packages.empty());
  options.forgotten = {anchor.id};
  options.dry_run = true;
  const GcResult dry = collect(options);
  BOOST_TEST((dry.forgotten == std::vector<std::string>{dir / "env"}));
  BOOST_TEST(dry.packages.size() == 1U);
  BOOST_TEST(has_package(artifact));
  options.dry_run = false;
  const GcResult result = collect(options);
  BOOST_TEST((result.forgotten == dry.forgotten));
  BOOST_TEST(result.gone.empty());
  BOOST_TEST(!has_package(artifact));
  BOOST_TEST(names_in(store.layout().roots()).empty());
}

// It came back between the question and the mark.
BOOST_AUTO_TEST_CASE(what_is_there_is_not_forgotten) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  const Anchor anchor = make_rooted_directory(dir / "env", {artifact});
  GcOptions options;
  options.forgotten = {anchor.id};
  const GcResult result = collect(options);
  BOOST_TEST(result.forgotten.empty());
  BOOST_TEST(has_package(artifact));
}

// Without the manifest nobody knows which objects the environment needs.
BOOST_AUTO_TEST_CASE(a_damaged_manifest_of_a_used_package_stops_the_collection) {
  const auto used = add("used", "1.0", {{"used.py", "used"}});
  make_rooted_directory(dir / "env", {used});
  overwrite(store.layout().manifest(find_package(store.index(), used)->row.manifest), "damaged");
  const auto before = object_files();
  BOOST_CHECK_THROW(collect(), Corruption);
  BOOST_TEST((object_files() == before));
}

// What the index has lost is no garbage: a rebuild finds it.
BOOST_AUTO_TEST_CASE(a_lost_row_of_a_used_package_stops_the_collection) {
  const auto used = add("used", "1.0", {{"used.py", "used"}});
  make_rooted_directory(dir / "env", {used});
  store.index().write([&](WriteTxn& txn, const Schema& schema) {
    schema.objects.erase(txn, ObjectId{sha256("used"), Executable::no});
  });
  const auto before = object_files();
  BOOST_CHECK_THROW(collect(), Corruption);
  BOOST_TEST((object_files() == before));
}

BOOST_AUTO_TEST_CASE(an_empty_store_has_nothing_to_collect) {
  const GcResult result = collect();
  BOOST_TEST(result.objects_removed == 0U);
  BOOST_TEST(result.leftovers_removed == 0U);
  BOOST_TEST(result.batches == 0U);
}

BOOST_AUTO_TEST_CASE(many_objects_go_in_small_batches) {
  Files files;
  for (int i = 0; i < 1200; ++i)
    files.emplace_back("demo/m" + std::to_string(i) + ".py", "content " + std::to_string(i));
  add("demo", "1.0", files);
  const GcResult result = collect();
  BOOST_TEST(result.objects_removed >= 1200U);
  BOOST_TEST(result.batches == 3U);
  BOOST_TEST(object_files().empty());
}

BOOST_AUTO_TEST_CASE(a_digest_that_became_another_costs_no_package) {
  const auto kept = add("Kept.It", "1.0", {{"kept.py", "kept"}});
  const auto other = add("other", "1.0", {{"other.py", "other"}});
  Pin pin;
  pin.what = "kept";
  pin.packages = {{kept, "kept-it", "1.0"}};
  const Pin added = add_pin(store, pin);
  const std::string file = store.layout().pins() + "/" + added.id;
  std::string text = slurp(file);
  char& digit = text[text.find(kept.hex()) + 5];
  digit = digit == '0' ? '1' : '0';
  fs::remove(file);
  write_test_file(file, text);
  collect();
  BOOST_TEST(has_package(kept));
  BOOST_TEST(!has_package(other));
}

BOOST_AUTO_TEST_SUITE_END()
