// Which packages a collection takes, by its options; gc_test.cpp is about how it takes them.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <thread>

#include "store/gc.hpp"
#include "store/gc_listing.hpp"
#include "store/ingest.hpp"
#include "store/sys/probe.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kEach = 10'000;  // of the one large file of a package

std::uint64_t now() {
  return static_cast<std::uint64_t>(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
}

struct PolicyFixture : TempStore {
  // A package of its own bytes, used so many hours ago.
  Sha256Digest package(const std::string& name, const std::string& version, unsigned hours) {
    const std::string text = name + version;
    std::string content;
    while (content.size() < kEach) content += text;
    content.resize(kEach);
    const Sha256Digest artifact = add(name, version, {{name + ".py", content}});
    store.index().write([&](WriteTxn& txn, const Schema& schema) {
      PackageRow row = schema.packages.get(txn, artifact).value();
      row.used_at = now() - hours * 3600U;
      schema.packages.put(txn, artifact, row);
    });
    return artifact;
  }
  // What is left, as "name version", in order.
  std::vector<std::string> left() {
    std::vector<std::string> names;
    for (const Package& one : list_packages(store.index())) names.push_back(one.row.name + " " + one.row.version);
    return names;
  }
  void plan_on(const Sha256Digest& artifact, const std::string& generated) {
    const GeneratedObject object{{sha256(generated), Executable::no}, generated};
    BOOST_REQUIRE(record_plan(store, sha256(artifact.hex()), {&artifact, 1}, {&object, 1},
                              [](const ReadTxn&, const Schema&) { return std::string("body"); }));
  }
  std::uint64_t free_bytes() { return filesystem_of(store.layout().objects()).free_bytes; }
};

using Names = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(gc_policy_tests, PolicyFixture)

BOOST_AUTO_TEST_CASE(keep_last_keeps_the_last_used_of_each_name) {
  package("a", "1", 50);
  package("a", "2", 10);
  package("a", "3", 30);
  package("b", "1", 90);
  GcOptions options;
  options.keep_last = 1;
  static_cast<void>(collect(options));
  BOOST_TEST((left() == Names{"a 2", "b 1"}));
}

BOOST_AUTO_TEST_CASE(keep_last_counts_what_is_in_use) {
  const auto used = package("a", "1", 90);
  package("a", "2", 10);
  package("a", "3", 5);
  make_rooted_directory(dir / "env", {used});
  GcOptions options;
  options.keep_last = 2;
  static_cast<void>(collect(options));
  BOOST_TEST((left() == Names{"a 1", "a 3"}));
}

BOOST_AUTO_TEST_CASE(keep_last_goes_before_age_and_size) {
  package("a", "1", 500);
  package("a", "2", 400);
  GcOptions options;
  options.keep_last = 1;
  options.max_age = std::chrono::hours(1);
  options.max_size = 0;
  static_cast<void>(collect(options));
  BOOST_TEST((left() == Names{"a 2"}));
}

BOOST_AUTO_TEST_CASE(max_freed_takes_the_longest_unused_and_no_more_than_needed) {
  package("a", "1", 10);
  package("b", "1", 40);
  package("c", "1", 20);
  package("d", "1", 30);
  GcOptions options;
  options.max_freed = kEach + 2000;  // more than one has, with its metadata
  options.dry_run = true;
  const GcResult dry = collect(options);
  BOOST_TEST(left().size() == 4U);
  options.dry_run = false;
  const GcResult result = collect(options);
  BOOST_TEST((left() == Names{"a 1", "c 1"}));
  BOOST_TEST(result.bytes_freed >= *options.max_freed);
  BOOST_TEST(result.packages.size() == 2U);
  BOOST_TEST(result.packages.at(0).name == "b");
  BOOST_TEST((result.stop == GcStop::max_freed));
  BOOST_TEST((dry.stop == GcStop::max_freed));
  BOOST_TEST(dry.packages.size() == 2U);
  BOOST_TEST(dry.bytes_freed == result.bytes_freed);
  BOOST_TEST(problems().empty());
}

// Many batches, of which the first is enough.
BOOST_AUTO_TEST_CASE(a_collection_that_stops_is_taken_up_by_the_next) {
  Files files;
  for (int i = 0; i < 2000; ++i) files.emplace_back("demo/m" + std::to_string(i), "content " + std::to_string(i));
  add("demo", "1.0", files);
  GcOptions options;
  options.max_freed = 1;
  const GcResult first = collect(options);
  BOOST_TEST((first.stop == GcStop::max_freed));
  BOOST_TEST(first.batches == 1U);
  BOOST_TEST(first.objects_left > 1000U);
  BOOST_TEST(problems().empty());
  const GcResult second = collect(options);
  BOOST_TEST(second.batches == 1U);
  BOOST_TEST(second.objects_left < first.objects_left);
  const GcResult rest = collect();
  BOOST_TEST((rest.stop == GcStop::finished));
  BOOST_TEST(rest.objects_removed == second.objects_left);
  BOOST_TEST(object_files().empty());
}

// Garbage that an earlier collection left counts first: no package goes for it.
BOOST_AUTO_TEST_CASE(what_is_left_over_is_freed_before_packages_go) {
  Files files;
  for (int i = 0; i < 1000; ++i)
    files.emplace_back("demo/m" + std::to_string(i), std::string(100, 'x') + std::to_string(i));
  add("demo", "1.0", files);
  GcOptions options;
  options.max_freed = 1;
  static_cast<void>(collect(options));
  package("a", "1", 10);
  static_cast<void>(collect(options));
  BOOST_TEST((left() == Names{"a 1"}));
}

// It would give nothing back: it is no reason to spare a package.
BOOST_AUTO_TEST_CASE(what_has_other_names_does_not_count_as_freed) {
  const std::string content(20'000, 'h');
  add("held", "1", {{"held.py", content}});
  fs::create_hard_link(object_path(content), dir / "elsewhere");
  BOOST_TEST(collect().objects_held == 1U);
  package("a", "1", 10);
  GcOptions options;
  options.max_freed = 5000;
  const GcResult result = collect(options);
  BOOST_TEST(left().empty());
  BOOST_TEST(result.bytes_freed >= 5000U);
}

BOOST_AUTO_TEST_CASE(without_time_nothing_is_removed) {
  package("a", "1", 10);
  const auto before = object_files();
  GcOptions options;
  options.max_duration = std::chrono::milliseconds(0);
  const GcResult result = collect(options);
  BOOST_TEST((result.stop == GcStop::max_duration));
  BOOST_TEST((object_files() == before));
  BOOST_TEST((left() == Names{"a 1"}));
}

// Time is up between the packages and their objects, or among the objects: both are taken up by the next.
BOOST_AUTO_TEST_CASE(when_time_is_up_what_was_removed_stays_removed) {
  package("a", "1", 10);
  GcOptions options;
  options.max_duration = std::chrono::seconds(1);
  HookProgress progress;
  progress.on_phase = [](std::string_view what) {
    if (what == "collecting") std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  };
  const GcResult result = collect_garbage(store, options, progress);
  BOOST_TEST((result.stop == GcStop::max_duration));
  BOOST_TEST(result.packages.size() == 1U);
  BOOST_TEST(result.objects_removed == 0U);
  BOOST_TEST(result.objects_left > 0U);
  BOOST_TEST(left().empty());
  BOOST_TEST(problems().empty());
  BOOST_TEST(collect().objects_removed == result.objects_left);
  BOOST_TEST(object_files().empty());
}

// Between this one's list and its look at the manifests, to hold what they name or to let go of it.
BOOST_AUTO_TEST_CASE(what_another_collector_forgets_meanwhile_is_no_damage) {
  for (const unsigned looked_at : {0U, 2U}) {
    package("a", "1", 40);
    package("b", "1", 10);
    GcOptions options;
    options.max_size = 1;
    HookProgress progress;
    unsigned seen = 0;
    const auto other = [&] {
      BOOST_TEST(collect().packages.size() == 2U);
      package("b", "1", 0);
    };
    progress.on_phase = [&](std::string_view what) {
      if (what == "marking" && looked_at == 0) other();
    };
    progress.on_advance = [&] {
      if (++seen == looked_at) other();
    };
    static_cast<void>(collect_garbage(store, options, progress));
    BOOST_TEST((left() == Names{"b 1"}));
    BOOST_TEST(problems().empty());
    static_cast<void>(collect());
  }
}

BOOST_AUTO_TEST_CASE(a_lost_manifest_of_what_was_not_forgotten_is_damage) {
  const auto one = package("a", "1", 40);
  fs::remove(store.layout().manifest(find_package(store.index(), one).value().row.manifest));
  GcOptions options;
  options.max_age = std::chrono::hours(100);
  BOOST_CHECK_THROW(collect(options), Corruption);
  BOOST_TEST((left() == Names{"a 1"}));
}

// A plan goes with the first of its packages: what it brought counts as freed, once.
BOOST_AUTO_TEST_CASE(what_plans_brought_counts_for_sizes) {
  const auto old = package("a", "1", 40);
  plan_on(old, std::string(50'000, 'g'));
  package("b", "1", 10);
  GcOptions options;
  options.max_size = 30'000;
  const GcResult result = collect(options);
  BOOST_TEST((left() == Names{"b 1"}));
  BOOST_TEST(result.bytes_freed > 50'000U);
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(plans_that_nobody_holds_go_by_the_policy_and_before_packages) {
  const auto used = package("used", "1", 1);
  package("unused", "1", 10);
  make_rooted_directory(dir / "env", {used});
  plan_on(used, std::string(5'000, 'g'));
  GcOptions options;
  options.max_age = std::chrono::hours(24);
  BOOST_TEST(collect(options).plans.empty());
  options = {};
  options.max_size = 40'000;
  BOOST_TEST(collect(options).plans.empty());
  options.max_size = 23'000;
  const GcResult result = collect(options);
  BOOST_REQUIRE(result.plans.size() == 1U);
  BOOST_TEST(result.plans[0].reason == "no environment was made with it, and the store is larger than 23.0 kB");
  BOOST_TEST((left() == Names{"unused 1", "used 1"}));
  BOOST_TEST(result.objects_removed == 1U);
  BOOST_TEST(problems().empty());
  plan_on(used, "small");
  options = {};
  options.max_freed = 1;
  options.dry_run = true;
  const GcResult some = collect(options);
  BOOST_TEST(some.plans.size() == 1U);
  BOOST_TEST(some.packages.empty());
  options = {};
  options.max_age = std::chrono::seconds(0);
  options.keep_last = 1;
  BOOST_TEST(collect(options).plans.size() == 1U);
  BOOST_TEST((left() == Names{"unused 1", "used 1"}));
}

// Goes when the package does, and not before.
BOOST_AUTO_TEST_CASE(plans_of_packages_that_the_policy_keeps_stay) {
  const auto unused = package("unused", "1", 10);
  plan_on(unused, "generated");
  GcOptions options;
  options.keep_last = 1;
  BOOST_TEST(collect(options).plans.empty());
  BOOST_TEST(has_content("generated"));
}

BOOST_AUTO_TEST_CASE(with_enough_free_nothing_is_done) {
  package("a", "1", 10);
  write_test_file(store.layout().manifests() + "/" + sha256("stray").hex(), "stray");
  GcOptions options;
  options.min_free = 1;
  options.max_free = free_bytes() * 2;
  const GcResult result = collect(options);
  BOOST_TEST((result.stop == GcStop::enough_free));
  BOOST_TEST(result.leftovers_removed == 0U);
  BOOST_TEST((left() == Names{"a 1"}));
}

BOOST_AUTO_TEST_CASE(below_min_free_packages_go_until_max_free_is) {
  const auto used = package("used", "1", 90);
  make_rooted_directory(dir / "env", {used});
  package("a", "1", 10);
  package("b", "1", 20);
  GcOptions options;
  options.min_free = free_bytes() * 2;  // never: everything unused goes
  const GcResult result = collect(options);
  BOOST_TEST((result.stop == GcStop::finished));
  BOOST_TEST((left() == Names{"used 1"}));
  BOOST_TEST(result.packages.at(0).name == "b");
  BOOST_TEST(result.packages.at(0).reason.find("is free") != std::string::npos);
}

// Of many packages only some have to go: the number depends on what others do on this disk meanwhile, which ones they are does not.
BOOST_AUTO_TEST_CASE(max_free_alone_is_both_marks) {
  for (unsigned i = 0; i < 6; ++i) package("p" + std::to_string(i), "1", 100 - i);
  GcOptions options;
  options.max_free = free_bytes() + 1;
  const GcResult result = collect(options);
  BOOST_TEST(!result.packages.empty());
  BOOST_TEST(result.packages.front().name == "p0");
}

BOOST_AUTO_TEST_CASE(history_can_be_told_apart_in_bytes_where_sizes_decide) {
  package("a", "1", 10);
  GcOptions options;
  options.max_size = 1'000'000;
  const GcResult result = collect(options);
  BOOST_TEST(result.history_bytes == 0U);
  BOOST_TEST((left() == Names{"a 1"}));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(the_two_sides_are_what_a_collection_keeps_and_takes) {
  const auto used = add("used", "1.0", {{"used.py", "used"}, {"common.py", "common"}});
  add("unused", "1.0", {{"unused.py", "unused"}, {"common.py", "common"}, {"held.py", "held"}});
  make_rooted_directory(dir / "env", {used});
  fs::create_hard_link(object_path("held"), dir / "somewhere");
  const auto before = snapshot_content(store);
  const GcListing live = list_side(store, {}, GcSide::live, silent);
  const GcListing dead = list_side(store, {}, GcSide::dead, silent);
  BOOST_TEST((snapshot_content(store) == before));
  BOOST_REQUIRE(live.packages.size() == 1U);
  BOOST_TEST(live.packages[0].row.name == "used");
  BOOST_REQUIRE(dead.packages.size() == 1U);
  BOOST_TEST(dead.packages[0].row.name == "unused");
  BOOST_TEST(live.objects.size() + dead.objects.size() == object_rows());
  const GcResult result = collect();
  BOOST_TEST(result.objects_removed == dead.objects.size());
  for (const GcListing::Object& object : live.objects)
    BOOST_TEST(exists(store.layout().object(object.segment, object.id)));
  for (const GcListing::Object& object : dead.objects)
    BOOST_TEST(!exists(store.layout().object(object.segment, object.id)));
}

BOOST_AUTO_TEST_CASE(the_dead_side_follows_the_policy) {
  package("a", "1", 10);
  package("b", "1", 40);
  GcOptions options;
  options.max_age = std::chrono::hours(24);
  const GcListing dead = list_side(store, options, GcSide::dead, silent);
  BOOST_REQUIRE(dead.packages.size() == 1U);
  BOOST_TEST(dead.packages[0].row.name == "b");
  GcOptions free;
  free.min_free = 1;  // enough is
  BOOST_TEST(list_side(store, free, GcSide::dead, silent).packages.empty());
  BOOST_TEST(list_side(store, free, GcSide::dead, silent).objects.empty());
  BOOST_TEST(list_side(store, free, GcSide::live, silent).objects.size() == object_rows());
}

BOOST_AUTO_TEST_SUITE_END()
