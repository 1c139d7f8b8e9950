#include "store/ingest.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/artifact_identity.hpp"
#include "store/base/codec.hpp"
#include "store/sys/file.hpp"
#include "tests/store/source/wheel_fixture.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace data = boost::unit_test::data;

namespace {

WheelBuilder demo_wheel() {
  return make_wheel("demo", "1.0", {{"demo/__init__.py", ""}, {"demo/core.py", "core = 1\n"}});
}

// RECORD gives `claimed`'s hash for demo/core.py; the file holds `real`. Both have the same size.
WheelBuilder lying_wheel(const std::string& real, const std::string& claimed) {
  WheelBuilder wheel = make_wheel("demo", "1.0", {{"demo/core.py", real}});
  wheel.edit_record = replace(row("demo/core.py", real), row("demo/core.py", claimed));
  return wheel;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(ingest_tests, TempStore)

BOOST_AUTO_TEST_CASE(a_wheel_becomes_objects_a_manifest_and_a_row) {
  const IngestResult result = ingest(demo_wheel());
  BOOST_REQUIRE_MESSAGE(result.error.empty(), result.error);
  BOOST_TEST(result.name == "demo");
  BOOST_TEST(result.version == "1.0");
  BOOST_TEST((result.artifact == sha256(demo_wheel().bytes())));
  BOOST_TEST(!result.already);
  BOOST_TEST(result.new_files == object_rows());
  BOOST_TEST(result.new_bytes == result.bytes);
  BOOST_TEST(slurp(object_path("core = 1\n")) == "core = 1\n");
  BOOST_TEST(names_in(store.layout().manifests()).size() == 1U);
  BOOST_TEST(names_in(store.layout().staging()).empty());
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(of_a_wheel_in_parts_the_rest_comes_from_the_store) {
  // It does not compress: the last 64 kB are needed in any case.
  std::string text(200'000, '\0');
  for (std::size_t i = 0, state = 1; i < text.size(); ++i)
    text[i] = static_cast<char>((state = state * 1103515245 + 12345) >> 16);
  (void)add("first", "1.0", {{"first/a.py", text}});
  const WheelBuilder builder = make_wheel("second", "1.0", {{"second/a.py", text}, {"second/empty.py", ""}});
  const std::string path = write_wheel(builder);
  const auto whole = open_wheel(path, RecordPolicy::strict);
  const std::uint64_t size = std::filesystem::file_size(path);
  ByteRanges parts;
  parts.add({size - 70'000, size});
  for (const ByteRange& range : outline_wheel(open_read(path).get(), builder.file_name, parts).opening)
    parts.add(range);
  const auto in_parts = [&](const ListingDigests& listing) {
    return ingest_wheels(store, {{{path, sha256("as a lock says"), listing, &parts}}}, {}, silent).at(0);
  };
  const ListingDigests listing = whole->listing().value();
  const IngestResult other = in_parts({listing.record, sha256("another")});
  BOOST_TEST(other.error.find("tool.cas") != std::string::npos);

  const IngestResult result = in_parts(listing);
  BOOST_TEST(result.error == "");
  BOOST_TEST((result.artifact == assembled_identity(sha256("as a lock says"), listing)));
  BOOST_TEST((result.artifact != assembled_identity(sha256("another"), listing)));
  BOOST_TEST(result.files == whole->entries().size());
  BOOST_TEST(result.new_bytes < text.size());
  BOOST_TEST(!has_package(sha256("as a lock says")));
  BOOST_TEST(problems().empty());
  BOOST_TEST(in_parts(listing).already);

  // Where nothing of it is there, it cannot be made of parts.
  TempStore empty;
  const IngestResult refused = ingest_wheels(empty.store, {{{path, sha256("x"), listing, &parts}}}, {}, silent).at(0);
  BOOST_TEST(refused.error.find("were not fetched") != std::string::npos);
  BOOST_TEST(empty.problems().empty());
}

BOOST_AUTO_TEST_CASE(what_two_wheels_share_is_stored_once) {
  add("first", "1.0", {{"first/a.py", "shared bytes"}});
  const std::uint64_t rows = object_rows();
  // WHEEL is shared as well; METADATA is not.
  const IngestResult second =
      ingest(make_wheel("second", "1.0", {{"second/a.py", "shared bytes"}, {"second/b.py", "own"}}));
  BOOST_TEST(second.error.empty());
  BOOST_TEST(second.new_files < second.files);
  BOOST_TEST(object_rows() == rows + second.new_files);
  BOOST_TEST(second.new_bytes < second.bytes);
  BOOST_TEST(second.new_bytes >= 3U);
}

BOOST_AUTO_TEST_CASE(adding_a_wheel_again_is_already_done) {
  add(demo_wheel());
  const auto before = snapshot_content(store);
  const IngestResult again = ingest(demo_wheel());
  BOOST_TEST(again.already);
  BOOST_TEST(again.name == "demo");
  BOOST_TEST(again.files > 0U);
  BOOST_TEST(again.new_files == 0U);
  BOOST_TEST((snapshot_content(store) == before));
}

BOOST_AUTO_TEST_CASE(a_wheel_that_was_replaced_under_its_name_is_read_again) {
  add(demo_wheel());
  const IngestResult other = ingest(make_wheel("demo", "1.0", {{"demo/core.py", "core = 2\n"}}));
  BOOST_TEST(!other.already);
  BOOST_TEST(has_content("core = 2\n"));
}

BOOST_AUTO_TEST_CASE(a_refused_wheel_leaves_the_store_untouched) {
  add("other", "1.0", {{"other.py", "something"}});
  const auto before = snapshot_content(store);
  const IngestResult result = ingest(lying_wheel("real", "fake"));
  BOOST_TEST(result.error.find("demo/core.py") != std::string::npos);
  BOOST_TEST((snapshot_content(store) == before));
  BOOST_TEST(!has_content("real"));
  BOOST_TEST(list_packages(store.index()).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_refused_wheel_does_not_stop_the_others) {
  const std::vector<WheelRequest> requests{{write_wheel(make_wheel("a", "1.0", {{"a.py", "a"}})), {}},
                                           {write_wheel(lying_wheel("real", "fake")), {}},
                                           {dir / "wheels/missing-1.0-py3-none-any.whl", {}},
                                           {write_wheel(make_wheel("b", "1.0", {{"b.py", "b"}})), {}}};
  const auto results = ingest_wheels(store, requests, {}, silent);
  BOOST_REQUIRE(results.size() == 4U);
  BOOST_TEST(results[0].error.empty());
  BOOST_TEST(!results[1].error.empty());
  BOOST_TEST(!results[2].error.empty());
  BOOST_TEST(results[3].error.empty());
  BOOST_TEST(results[3].path == requests[3].path);
  BOOST_TEST(has_content("a"));
  BOOST_TEST(has_content("b"));
  BOOST_TEST(!has_content("real"));
  BOOST_TEST(object_files().size() == object_rows());
  BOOST_TEST(names_in(store.layout().manifests()).size() == 2U);
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(no_wheel_at_all_is_no_error) { BOOST_TEST(ingest_wheels(store, {}, {}, silent).empty()); }

BOOST_AUTO_TEST_CASE(the_right_pinned_digest_is_accepted) { BOOST_TEST(ingest_pinned(demo_wheel()).error.empty()); }

BOOST_AUTO_TEST_CASE(a_wrong_pinned_digest_is_refused_naming_both) {
  const WheelRequest request{write_wheel(demo_wheel()), sha256("another wheel")};
  const IngestResult result = ingest_wheels(store, {&request, 1}, {}, silent).at(0);
  BOOST_TEST(result.error.find(sha256("another wheel").hex()) != std::string::npos);
  BOOST_TEST(result.error.find(sha256(demo_wheel().bytes()).hex()) != std::string::npos);
  BOOST_TEST(object_rows() == 0U);
}

BOOST_AUTO_TEST_CASE(a_wrong_pinned_digest_is_refused_for_a_known_wheel_too) {
  add(demo_wheel());
  const WheelRequest request{write_wheel(demo_wheel()), sha256("another wheel")};
  BOOST_TEST(!ingest_wheels(store, {&request, 1}, {}, silent).at(0).error.empty());
}

BOOST_AUTO_TEST_CASE(a_wrong_record_is_refused_without_a_pin) {
  BOOST_TEST(!ingest(lying_wheel("real", "fake")).error.empty());
}

BOOST_AUTO_TEST_CASE(a_wrong_record_of_a_pinned_wheel_is_a_warning_and_the_real_content_counts) {
  const IngestResult result = ingest_pinned(lying_wheel("real", "fake"));
  BOOST_TEST(result.error.empty());
  BOOST_TEST(result.warnings.size() == 1U);
  BOOST_TEST(has_content("real"));
  BOOST_TEST(!has_content("fake"));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_wrong_record_of_a_pinned_wheel_is_refused_when_strict) {
  IngestOptions options;
  options.record = RecordStrictness::always;
  BOOST_TEST(!ingest_pinned(lying_wheel("real", "fake"), options).error.empty());
}

BOOST_AUTO_TEST_CASE(the_same_wheel_twice_in_one_call_is_one_package) {
  const std::string path = write_wheel(demo_wheel());
  const std::vector<WheelRequest> requests{{path, {}}, {path, {}}};
  const auto results = ingest_wheels(store, requests, {}, silent);
  for (const IngestResult& result : results) BOOST_TEST(result.error.empty());
  BOOST_TEST((results[0].artifact == results[1].artifact));
  BOOST_TEST(!results[0].already);
  BOOST_TEST(results[1].already);
  BOOST_TEST(list_packages(store.index()).size() == 1U);
  BOOST_TEST(object_files().size() == object_rows());
  BOOST_TEST(problems().empty());
}

// The store has the content that RECORD promises, but the archive holds something else: refused, as by an empty store.
BOOST_AUTO_TEST_CASE(a_warm_store_judges_as_a_cold_one) {
  add("other", "1.0", {{"other.py", "fake"}});
  BOOST_TEST(!ingest(lying_wheel("real", "fake")).error.empty());    // same size, another CRC-32
  BOOST_TEST(!ingest(lying_wheel("longer", "fake")).error.empty());  // another size
  BOOST_TEST(!has_content("real"));
  const IngestResult pinned = ingest_pinned(lying_wheel("real", "fake"));
  BOOST_TEST(pinned.error.empty());
  BOOST_TEST(pinned.warnings.size() == 1U);
  BOOST_TEST(has_content("real"));
  BOOST_TEST(problems().empty());
}

// Where size and CRC-32 are those of the object, the member is not decompressed: its bytes may even be damaged.
BOOST_AUTO_TEST_CASE(known_content_is_not_read_again) {
  const std::string content(5000, 'k');
  add("other", "1.0", {{"other.py", content}});
  WheelBuilder wheel = make_wheel("demo", "1.0", {{"demo/core.py", content}});
  std::string damaged = deflated(content);
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
  wheel.zip.at("demo/core.py").raw_data = damaged;
  const IngestResult warm = ingest(wheel);
  BOOST_TEST(warm.error.empty());
  TempStore cold;
  BOOST_TEST(!cold.ingest(wheel).error.empty());
}

// Its objects were there when the wheel was read, and are collected before it is committed: they are read again.
BOOST_AUTO_TEST_CASE(what_is_collected_between_reading_and_committing_is_read_again) {
  add(demo_wheel());
  WheelBuilder same = demo_wheel();
  same.zip.comment = "another archive of the same files";
  const WheelRequest request{write_wheel(same), std::nullopt};

  HookProgress progress;
  int collections = 0;
  GcResult collected;
  progress.on_advance = [&] {
    if (collections++ == 0) collected = collect();
  };
  IngestOptions options;
  options.threads = 1;
  const IngestResult result = ingest_wheels(store, {&request, 1}, options, progress).at(0);
  BOOST_TEST(collected.objects_removed > 0U);
  BOOST_TEST(result.error.empty());
  BOOST_TEST(result.new_files == object_rows());
  BOOST_TEST(has_package(sha256(same.bytes())));
  BOOST_TEST(!has_package(sha256(demo_wheel().bytes())));
  BOOST_TEST(problems().empty());
  BOOST_TEST(object_files().size() == object_rows());
}

BOOST_DATA_TEST_CASE(every_durability_gives_the_same_store,
                     data::make({Durability::none, Durability::batch, Durability::strict}) * data::make({3, 40}),
                     durability, files) {
  TempStore other(durability);
  Files content;
  for (int i = 0; i < files; ++i) content.emplace_back("demo/m" + std::to_string(i) + ".py", std::to_string(i));
  const IngestResult result = other.ingest(make_wheel("demo", "1.0", content));
  BOOST_TEST(result.error.empty());
  BOOST_TEST(other.problems().empty());
  BOOST_TEST(other.object_files().size() == other.object_rows());
  BOOST_TEST(names_in(other.store.layout().staging()).empty());
}

BOOST_AUTO_TEST_CASE(packages_are_numbered_in_the_order_of_their_commits) {
  const auto first = add("a", "1.0", {{"a.py", "a"}});
  const auto second = add("b", "1.0", {{"b.py", "b"}});
  BOOST_TEST(find_package(store.index(), first)->row.sequence < find_package(store.index(), second)->row.sequence);
}

BOOST_AUTO_TEST_CASE(many_wheels_are_read_by_many_threads) {
  std::vector<WheelRequest> requests;
  for (int i = 0; i < 60; ++i) {
    Files files;
    for (int j = 0; j < 20; ++j) {
      files.emplace_back("p" + std::to_string(i) + "/m" + std::to_string(j) + ".py",
                         "content " + std::to_string((i + j) % 30));
    }
    requests.push_back({write_wheel(make_wheel("p" + std::to_string(i), "1.0", files)), {}});
  }
  IngestOptions options;
  options.threads = 8;
  for (const IngestResult& result : ingest_wheels(store, requests, options, silent)) BOOST_TEST(result.error.empty());
  BOOST_TEST(list_packages(store.index()).size() == 60U);
  BOOST_TEST(object_files().size() == object_rows());
  BOOST_TEST(problems().empty());
}

// More files than are held in memory at once: the wheels are committed in several groups, and none is forgotten.
BOOST_AUTO_TEST_CASE(more_files_than_one_group_holds) {
  std::vector<WheelRequest> requests;
  for (int i = 0; i < 5; ++i) {
    Files files;
    for (int j = 0; j < 6'000; ++j) files.emplace_back("p" + std::to_string(i) + "/" + std::to_string(j) + ".py", "x");
    requests.push_back({write_wheel(make_wheel("p" + std::to_string(i), "1.0", files)), {}});
  }
  IngestOptions options;
  options.threads = 4;
  for (const IngestResult& result : ingest_wheels(store, requests, options, silent)) {
    BOOST_TEST(result.error.empty());
    BOOST_TEST(result.files >= 6'000U);
  }
  BOOST_TEST(list_packages(store.index()).size() == 5U);
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_lost_manifest_comes_back_with_its_wheel) {
  add(demo_wheel());
  const auto before = names_in(store.layout().manifests());
  BOOST_REQUIRE(before.size() == 1U);
  std::filesystem::remove(store.layout().manifests() + "/" + *before.begin());
  BOOST_TEST(!problems().empty());
  const IngestResult again = ingest(demo_wheel());
  BOOST_TEST(!again.already);
  BOOST_TEST((names_in(store.layout().manifests()) == before));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(record_plan_tests, TempStore)

BOOST_AUTO_TEST_CASE(a_plan_brings_its_generated_objects) {
  const Sha256Digest artifact = add(demo_wheel());
  const Sha256Digest key = sha256("plan");
  const GeneratedObject generated{{sha256("generated"), Executable::no}, "generated"};
  BOOST_TEST(record_plan(store, key, {&artifact, 1}, {&generated, 1}, [&](const ReadTxn& txn, const Schema& schema) {
    BOOST_TEST(schema.objects.has(txn, generated.id));
    return std::string("body");
  }));
  const auto row =
      store.index().read([&](const ReadTxn& txn, const Schema& schema) { return schema.plans.get(txn, key); });
  BOOST_REQUIRE(row);
  BOOST_TEST(row->body == "body");
  BOOST_TEST(slurp(object_path("generated")) == "generated");
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_plan_on_a_collected_package_is_not_recorded) {
  const Sha256Digest artifact = sha256("a wheel that is gone");
  const Sha256Digest key = sha256("plan");
  const GeneratedObject generated{{sha256("generated"), Executable::no}, "generated"};
  BOOST_TEST(!record_plan(store, key, {&artifact, 1}, {&generated, 1},
                          [&](const ReadTxn&, const Schema&) { return std::string("body"); }));
  BOOST_TEST(!has_content("generated"));
  BOOST_TEST(object_files().empty());
}

BOOST_AUTO_TEST_SUITE_END()
