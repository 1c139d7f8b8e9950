#include "store/take_over.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include "store/bytecode.hpp"
#include "store/gc.hpp"
#include "store/linked_bases.hpp"
#include "store/sys/file.hpp"
#include "store/unsynced.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

// `upper` stands on the fixture's own store, and on `second`.
struct Layers : TempStore {
  std::vector<std::string> warnings;
  TempStore second;
  Store upper = open_upper(dir / "upper");
  Sha256Digest demo = add("demo", "1.0", {{"demo/__init__.py", "x = 1\n"}, {"demo/other.py", "y = 2\n"}});

  Store open_upper(const std::string& path) {
    StoreOptions options;
    options.path = path;
    options.durability = Durability::none;
    options.base_stores = {store.layout().root(), second.store.layout().root()};
    options.warn = [this](const std::string& message) { warnings.push_back(message); };
    return Store::open(options);
  }
  std::optional<Package> obtain(const Sha256Digest& artifact) { return obtain_package(upper, artifact); }
  std::optional<Package> obtain() { return obtain(demo); }
  std::string upper_path(std::string_view content) {
    const ObjectId id{sha256(content), Executable::no};
    const auto row = find_object(upper, id);
    BOOST_REQUIRE(row);
    return upper.layout().object(row->segment, id);
  }
  std::vector<std::string> upper_problems() {
    std::vector<std::string> all;
    VerifyOptions options;
    options.depth = VerifyDepth::contents;
    for (const Problem& problem : verify_store(upper, options, silent).problems) all.push_back(problem.what);
    return all;
  }
  std::string demo_manifest() { return store.layout().manifest(find_package(store.index(), demo)->row.manifest); }
  // What a damaged or hostile index would say of the package.
  void name_manifest(const Sha256Digest& digest) {
    store.index().write([&](WriteTxn& txn, const Schema& schema) {
      PackageRow row = *schema.packages.get(txn, demo);
      row.manifest = digest;
      schema.packages.put(txn, demo, row);
    });
  }
  void write_manifest(const std::string& bytes) {
    write_test_file(store.layout().manifest(sha256(bytes)), bytes);
    name_manifest(sha256(bytes));
  }
  void expect_refused(const char* why) {
    BOOST_TEST(!obtain());
    BOOST_REQUIRE_EQUAL(warnings.size(), 1U);
    BOOST_TEST_CONTEXT(warnings.front()) {
      BOOST_TEST(warnings.front().find(store.layout().root()) != std::string::npos);
      BOOST_TEST(warnings.front().find(why) != std::string::npos);
    }
    BOOST_TEST(upper_problems().empty());
    BOOST_TEST(!find_object(upper, {sha256("x = 1\n"), Executable::no}));
    BOOST_TEST(upper.from_bases().packages == 0U);
  }
};

bool is_same_file(const std::string& a, const std::string& b) { return fs::equivalent(a, b); }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(take_over_tests, Layers)

BOOST_AUTO_TEST_CASE(a_package_is_taken_over_by_hard_links) {
  const auto taken = obtain();
  BOOST_REQUIRE(taken);
  BOOST_TEST(taken->row.file_name == wheel_name("demo", "1.0"));
  BOOST_TEST(is_same_file(upper_path("x = 1\n"), object_path("x = 1\n")));
  const FromBases counts = upper.from_bases();
  BOOST_TEST(counts.packages == 1U);
  BOOST_TEST(counts.linked == 4U);  // with METADATA and WHEEL
  BOOST_TEST(counts.cloned + counts.copied == 0U);
  BOOST_TEST(upper_problems().empty());
  BOOST_TEST(warnings.empty());
  BOOST_TEST(names_in(upper.layout().staging()).empty());
  for (const std::string& segment : names_in(upper.layout().objects())) {
    BOOST_TEST(!exists(upper.layout().objects() + "/" + segment + "/" + kTakeOverMark));
  }
}

BOOST_AUTO_TEST_CASE(a_base_store_is_not_written) {
  const auto before = snapshot(store.layout().root());
  BOOST_REQUIRE(obtain());
  BOOST_TEST((snapshot(store.layout().root()) == before));
}

BOOST_AUTO_TEST_CASE(neither_locks_nor_a_reserve_are_made_in_a_base_store) {
  const std::string root = store.layout().root();
  for (const char* name :
       {"/locks", "/staging", "/running", "/reserve", "/index/index.lock", "/index/index.lock.gate"}) {
    fs::remove_all(root + name);
  }
  const auto before = snapshot(root);
  BOOST_REQUIRE(obtain());
  BOOST_TEST((snapshot(root) == before));
}

BOOST_AUTO_TEST_CASE(what_was_linked_and_is_not_needed_any_more_goes_from_both) {
  BOOST_REQUIRE(obtain());
  const std::string below = object_path("x = 1\n"), above = upper_path("x = 1\n");
  BOOST_TEST(linked_bases(upper) == std::vector<std::string>{store.layout().root()});
  // As long as the upper store has it, it stays in the base.
  BOOST_TEST(collect_garbage(store, {}, silent).objects_held == 4U);
  BOOST_TEST(exists(below));
  BOOST_TEST(collect_garbage(upper, {}, silent).objects_removed == 4U);
  BOOST_TEST(!exists(above));
  BOOST_TEST(collect_garbage(store, {}, silent).bytes_freed > 0U);
  BOOST_TEST(!exists(below));
}

BOOST_AUTO_TEST_CASE(what_was_linked_goes_from_the_upper_store_though_the_base_has_it) {
  BOOST_REQUIRE(obtain());
  const std::string below = object_path("x = 1\n"), above = upper_path("x = 1\n");
  GcOptions looking;
  looking.dry_run = true;
  const GcResult foreseen = collect_garbage(upper, looking, silent);
  const GcResult collected = collect_garbage(upper, {}, silent);
  BOOST_TEST(collected.objects_removed == 4U);
  BOOST_TEST(foreseen.objects_removed == collected.objects_removed);
  BOOST_TEST(collected.objects_held == 0U);
  // It is the base that holds them.
  BOOST_TEST(collected.bytes_freed == 0U);
  BOOST_TEST(foreseen.bytes_freed == 0U);
  BOOST_TEST(!exists(above));
  BOOST_TEST(exists(below));
  const GcResult of_base = collect_garbage(store, {}, silent);
  BOOST_TEST(of_base.objects_removed == 4U);
  BOOST_TEST(!exists(below));
}

BOOST_AUTO_TEST_CASE(what_an_environment_has_besides_the_base_stays) {
  BOOST_REQUIRE(obtain());
  fs::create_hard_link(upper_path("x = 1\n"), dir / "environment");
  const GcResult collected = collect_garbage(upper, {}, silent);
  BOOST_TEST(collected.objects_held == 1U);
  BOOST_TEST(exists(upper_path("x = 1\n")));
}

BOOST_AUTO_TEST_CASE(names_in_a_base_store_that_is_gone_or_damaged_notes_hold) {
  BOOST_REQUIRE(obtain());
  const std::string notes = upper.layout().linked_bases();
  const std::string note = notes + "/" + names_in(notes).front();
  fs::permissions(note, fs::perms::owner_all);
  write_test_file(note, "/elsewhere\n");
  BOOST_TEST(linked_bases(upper).empty());
  write_test_file(notes + "/other", std::string(100'000, 'x'));
  BOOST_TEST(collect_garbage(upper, {}, silent).objects_held == 4U);
}

BOOST_AUTO_TEST_CASE(what_was_taken_over_does_not_need_the_base_store) {
  BOOST_REQUIRE(obtain());
  fs::remove_all(store.layout().root());
  BOOST_TEST(upper_problems().empty());
  BOOST_TEST(slurp(upper_path("x = 1\n")) == "x = 1\n");
}

BOOST_AUTO_TEST_CASE(what_is_there_already_is_not_taken_again) {
  BOOST_REQUIRE(obtain());
  const Sha256Digest next = add("demo", "2.0", {{"demo/__init__.py", "x = 1\n"}, {"demo/new.py", "z = 3\n"}});
  BOOST_REQUIRE(obtain(next));
  BOOST_TEST(upper.from_bases().packages == 2U);
  BOOST_TEST(upper.from_bases().linked == 4U + 2U);  // new.py and METADATA
  BOOST_REQUIRE(obtain(next));
  BOOST_TEST(upper.from_bases().packages == 2U);
}

BOOST_AUTO_TEST_CASE(several_are_committed_together) {
  const Sha256Digest next = add("next", "1.0", {{"next.py", "n = 1\n"}});
  const std::vector<Sha256Digest> wanted{demo, next, sha256("nobody has it")};
  take_over_packages(upper, wanted, 2);
  BOOST_TEST(upper.from_bases().packages == 2U);
  BOOST_TEST(names_in(upper.layout().objects()).size() == 1U);
  BOOST_TEST(upper_problems().empty());
}

BOOST_AUTO_TEST_CASE(the_first_base_store_that_has_it_gives_it) {
  second.add("demo", "1.0", {{"demo/__init__.py", "x = 1\n"}, {"demo/other.py", "y = 2\n"}});
  const Sha256Digest only = second.add("only", "1.0", {{"only.py", "o = 1\n"}});
  BOOST_REQUIRE(obtain());
  BOOST_REQUIRE(obtain(only));
  BOOST_TEST(is_same_file(upper_path("x = 1\n"), object_path("x = 1\n")));
  BOOST_TEST(is_same_file(upper_path("o = 1\n"), second.object_path("o = 1\n")));
}

BOOST_AUTO_TEST_CASE(what_others_could_change_is_copied_and_read) {
  const std::string path = object_path("x = 1\n");
  BOOST_REQUIRE(::chmod(path.c_str(), 0646) == 0);
  BOOST_REQUIRE(obtain());
  BOOST_TEST(!is_same_file(upper_path("x = 1\n"), path));
  struct stat info {};
  BOOST_REQUIRE(::stat(upper_path("x = 1\n").c_str(), &info) == 0);
  BOOST_TEST((info.st_mode & 07777U) == 0444U);
  BOOST_TEST(upper.from_bases().copied == 1U);
  BOOST_TEST(upper.from_bases().linked == 3U);
  BOOST_TEST(upper_problems().empty());
}

BOOST_AUTO_TEST_CASE(a_segment_that_others_could_write_is_copied) {
  const std::string path = object_path("x = 1\n");
  fs::permissions(fs::path(path).parent_path(), fs::perms::others_write, fs::perm_options::add);
  BOOST_REQUIRE(obtain());
  BOOST_TEST(upper.from_bases().copied == 4U);
  BOOST_TEST(upper_problems().empty());
}

BOOST_AUTO_TEST_CASE(what_a_crash_may_have_cost_is_read) {
  store.index().write([&](WriteTxn& txn, const Schema& schema) {
    schema.meta.erase(txn, "unsynced");
    const std::uint32_t segment = 0;
    note_unsynced(txn, schema, "another boot", {&segment, 1});
  });
  overwrite(object_path("x = 1\n"), std::string(6, '\0'));
  set_file_mtime(object_path("x = 1\n"), canonical_mtime(sha256("x = 1\n")));
  expect_refused("has other bytes");
}

BOOST_AUTO_TEST_CASE(changed_bytes_are_not_taken) {
  overwrite(object_path("x = 1\n"), "x = 9\n");
  expect_refused("has other bytes");
}

BOOST_AUTO_TEST_CASE(a_damaged_package_comes_from_the_next_base_store) {
  overwrite(object_path("x = 1\n"), "x = 9\n");
  second.add("demo", "1.0", {{"demo/__init__.py", "x = 1\n"}, {"demo/other.py", "y = 2\n"}});
  BOOST_REQUIRE(obtain());
  BOOST_TEST(warnings.size() == 1U);
  BOOST_TEST(slurp(upper_path("x = 1\n")) == "x = 1\n");
  BOOST_TEST(upper_problems().empty());
}

BOOST_AUTO_TEST_CASE(a_shorter_object_is_not_taken) {
  fs::permissions(object_path("x = 1\n"), fs::perms::owner_write, fs::perm_options::add);
  fs::resize_file(object_path("x = 1\n"), 3);
  expect_refused("does not have the size");
}

BOOST_AUTO_TEST_CASE(a_missing_object_is_told) {
  fs::remove(object_path("x = 1\n"));
  expect_refused("is missing");
}

BOOST_AUTO_TEST_CASE(a_link_in_the_place_of_an_object_is_not_followed) {
  const std::string path = object_path("x = 1\n");
  write_test_file(dir / "secret", "x = 1\n");
  fs::remove(path);
  fs::create_symlink(dir / "secret", path);
  expect_refused("cannot be read");
}

BOOST_AUTO_TEST_CASE(a_link_in_the_place_of_a_segment_is_not_followed) {
  const fs::path segment = fs::path(object_path("x = 1\n")).parent_path();
  fs::rename(segment, dir / "elsewhere");
  fs::create_symlink(dir / "elsewhere", segment);
  expect_refused("objects/00000000");
}

BOOST_AUTO_TEST_CASE(a_truncated_manifest_is_not_believed) {
  const std::string bytes = slurp(demo_manifest());
  fs::remove(demo_manifest());
  write_test_file(demo_manifest(), bytes.substr(0, bytes.size() / 2));
  expect_refused("was changed");
}

BOOST_AUTO_TEST_CASE(a_manifest_that_leads_out_of_its_root_is_not_believed) {
  Manifest manifest = decode_manifest(slurp(demo_manifest()));
  manifest.files.front().path = "../../outside.py";
  write_manifest(encode_manifest(manifest));
  expect_refused("'../../outside.py'");
}

BOOST_AUTO_TEST_CASE(another_packages_manifest_is_not_believed) {
  const Sha256Digest other = add("other", "1.0", {{"other.py", "o = 1\n"}});
  name_manifest(find_package(store.index(), other)->row.manifest);
  expect_refused("is another package's");
}

BOOST_AUTO_TEST_CASE(an_object_that_the_index_lost_is_not_taken) {
  store.index().write([&](WriteTxn& txn, const Schema& schema) {
    schema.objects.erase(txn, {sha256("x = 1\n"), Executable::no});
  });
  BOOST_TEST(!obtain());
  BOOST_TEST(upper_problems().empty());
}

BOOST_AUTO_TEST_CASE(what_was_collected_in_the_base_store_is_not_there) {
  static_cast<void>(upper.bases());  // open before
  GcOptions options;
  options.max_age = std::chrono::seconds(0);
  collect(options);
  BOOST_TEST(!obtain());
  BOOST_TEST(warnings.empty());
}

BOOST_AUTO_TEST_CASE(neither_collector_touches_the_others_store) {
  BOOST_REQUIRE(obtain());
  GcOptions options;
  options.max_age = std::chrono::seconds(0);
  static_cast<void>(collect_garbage(upper, options, silent));
  BOOST_TEST(!find_package(upper.index(), demo));
  BOOST_TEST(problems().empty());
  BOOST_TEST(has_package(demo));
  BOOST_REQUIRE(obtain());
  collect(options);
  BOOST_TEST(upper_problems().empty());
}

BOOST_AUTO_TEST_CASE(what_a_killed_take_over_left_is_collected) {
  const std::string segment = upper.layout().segment(7);
  fs::create_directory(segment);
  fs::create_hard_link(object_path("x = 1\n"), segment + "/" + sha256("x = 1\n").hex());
  static_cast<void>(collect_garbage(upper, {}, silent));
  BOOST_TEST(exists(segment));  // an environment could have it
  write_test_file(segment + "/" + kTakeOverMark, "");
  static_cast<void>(collect_garbage(upper, {}, silent));
  BOOST_TEST(names_in(segment).empty());
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_name_that_a_killed_take_over_left_is_no_obstacle) {
  BOOST_REQUIRE(obtain());
  const Sha256Digest next = add("next", "1.0", {{"next.py", "n = 1\n"}});
  fs::create_hard_link(object_path("n = 1\n"), upper.layout().segment(0) + "/" + sha256("n = 1\n").hex());
  BOOST_REQUIRE(obtain(next));
  BOOST_TEST(upper_problems().empty());
}

BOOST_AUTO_TEST_CASE(bytecode_is_taken_over_with_its_row) {
  const Sha256Digest source = sha256("x = 1\n");
  BytecodeBatch made(store, "compiler");
  const BytecodeRow row = made.put(source, "code");
  const auto body = [](const ReadTxn&, const Schema&) { return std::string("body"); };
  BOOST_REQUIRE(record_plan(store, sha256("plan"), {&demo, 1}, {}, body, &made));
  BOOST_REQUIRE(obtain());
  BytecodeBatch taken(upper, "compiler");
  BOOST_REQUIRE(taken.take_over(upper.bases().front(), source, row));
  BOOST_REQUIRE(record_plan(upper, sha256("plan"), {&demo, 1}, {}, body, &taken));
  const auto found = find_bytecode(upper, {&source, 1}, "compiler").front();
  BOOST_REQUIRE(found);
  BOOST_TEST(is_same_file(upper_path("code"), object_path("code")));
  BOOST_TEST(upper.from_bases().linked == 5U);
  BOOST_TEST(upper_problems().empty());
}

BOOST_AUTO_TEST_CASE(what_is_remembered_is_read_where_it_is) {
  const Sha256Digest key = sha256("question");
  second.store.index().write([&](WriteTxn& txn, const Schema& schema) { schema.memo.put(txn, key, "second"); });
  const auto any = [](const std::string& value) { return std::optional(value); };
  BOOST_TEST(first_remembered(upper, key, any).value() == "second");
  store.index().write([&](WriteTxn& txn, const Schema& schema) { schema.memo.put(txn, key, "first"); });
  BOOST_TEST(first_remembered(upper, key, any).value() == "first");
  const auto not_first = [](const std::string& value) {
    return value == "first" ? std::nullopt : std::optional(value);
  };
  BOOST_TEST(first_remembered(upper, key, not_first).value() == "second");
  BOOST_TEST(!first_remembered(upper, sha256("another"), any));
}

BOOST_AUTO_TEST_CASE(a_look_ahead_takes_nothing) {
  BOOST_REQUIRE(find_package_anywhere(upper, demo));
  BOOST_TEST(!find_package(upper.index(), demo));
  BOOST_TEST(!find_package_anywhere(upper, sha256("nobody has it")));
}

BOOST_AUTO_TEST_CASE(a_wheel_that_a_base_store_has_is_not_unpacked) {
  const WheelRequest request{
      write_wheel(make_wheel("demo", "1.0", {{"demo/__init__.py", "x = 1\n"}, {"demo/other.py", "y = 2\n"}})),
      std::nullopt};
  const IngestResult result = ingest_wheels(upper, {&request, 1}, {}, silent).at(0);
  BOOST_TEST(result.error == "");
  BOOST_TEST(result.already);
  BOOST_TEST(upper.from_bases().linked == 4U);
}

BOOST_AUTO_TEST_CASE(many_wheels_that_a_base_store_has_are_taken_over_together) {
  constexpr int kWheels = 12;
  std::vector<WheelRequest> wheels;
  for (int i = 0; i < kWheels; ++i) {
    const std::string name = "many" + std::to_string(i);
    const WheelBuilder wheel = make_wheel(name, "1.0", {{name + ".py", "n = " + std::to_string(i)}});
    add(wheel);
    wheels.push_back({write_wheel(wheel), std::nullopt});
  }
  overwrite(object_path("n = 7"), "n = 8");
  IngestOptions options;
  options.threads = 4;
  const auto results = ingest_wheels(upper, wheels, options, silent);
  BOOST_REQUIRE_EQUAL(results.size(), wheels.size());
  for (int i = 0; i < kWheels; ++i) {
    BOOST_TEST_CONTEXT(i) {
      BOOST_TEST(results[static_cast<std::size_t>(i)].error == "");
      // What is damaged there is read from the wheel.
      BOOST_TEST(results[static_cast<std::size_t>(i)].already == (i != 7));
    }
  }
  BOOST_TEST(upper.from_bases().packages == kWheels - 1U);
  BOOST_TEST(warnings.size() == 1U);
  BOOST_TEST(upper_problems().empty());
}

BOOST_AUTO_TEST_CASE(a_wheel_that_was_taken_over_is_not_hashed_again) {
  const WheelRequest request{
      write_wheel(make_wheel("demo", "1.0", {{"demo/__init__.py", "x = 1\n"}, {"demo/other.py", "y = 2\n"}})),
      std::nullopt};
  // Younger files are never remembered.
  set_file_mtime(request.path, 1'000'000'000);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  static_cast<void>(ingest_wheels(upper, {&request, 1}, {}, silent));
  BOOST_TEST(upper.index().read([](const ReadTxn& txn, const Schema& schema) { return schema.memo.size(txn); }) == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
