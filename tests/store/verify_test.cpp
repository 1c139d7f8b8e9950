#include "store/verify.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/damage.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

struct VerifyFixture : TempStore {
  Sha256Digest artifact = add("demo", "1.0", {{"demo/core.py", "core = 1\n"}, {"demo/other.py", "other = 1\n"}});
  std::string core = object_path("core = 1\n");

  // Expects one problem of this kind that names the object of core.py and the package.
  void expect_core_problem(ProblemKind kind, VerifyDepth depth) {
    const VerifyResult result = verify(depth);
    BOOST_REQUIRE(result.problems.size() == 1U);
    const Problem& problem = result.problems[0];
    BOOST_TEST(problem_kind_name(problem.kind) == problem_kind_name(kind));
    BOOST_TEST(problem.what.find(sha256("core = 1\n").hex()) != std::string::npos);
    BOOST_TEST((problem.packages == std::vector<std::string>{"demo 1.0"}));
  }
  // Other bytes of the same size, with mode and time as before: what decay looks like.
  void flip_bit() {
    const std::int64_t time = canonical_mtime(sha256("core = 1\n"));
    overwrite(core, "core = 0\n");
    set_file_mtime(core, time);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(verify_tests, VerifyFixture)

BOOST_AUTO_TEST_CASE(a_healthy_store_has_no_problems) {
  for (const VerifyDepth depth : {VerifyDepth::metadata, VerifyDepth::scrub, VerifyDepth::contents}) {
    const VerifyResult result = verify(depth);
    BOOST_TEST(result.problems.empty());
    BOOST_TEST(result.objects == object_rows());
    BOOST_TEST(result.packages == 1U);
    BOOST_TEST(result.orphans == 0U);
    BOOST_TEST(result.bytes > 0U);
  }
}

BOOST_AUTO_TEST_CASE(a_missing_object_is_found) {
  fs::remove(core);
  expect_core_problem(ProblemKind::object_missing, VerifyDepth::metadata);
}

BOOST_AUTO_TEST_CASE(a_missing_segment_is_found) {
  fs::remove_all(store.layout().segment(0));
  const VerifyResult result = verify(VerifyDepth::metadata);
  BOOST_TEST(result.problems.size() == object_rows());
}

BOOST_AUTO_TEST_CASE(a_truncated_object_is_found) {
  overwrite(core, "core");
  expect_core_problem(ProblemKind::object_content, VerifyDepth::metadata);
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_is_found_by_reading) {
  flip_bit();
  BOOST_TEST(verify(VerifyDepth::metadata).problems.empty());
  expect_core_problem(ProblemKind::object_content, VerifyDepth::scrub);
  expect_core_problem(ProblemKind::object_content, VerifyDepth::contents);
}

// Whoever changes the file and the index's fingerprint is found by SHA-256.
BOOST_AUTO_TEST_CASE(a_forged_fingerprint_is_found_by_the_digest) {
  flip_bit();
  store.index().write([&](WriteTxn& txn, const Schema& schema) {
    const ObjectId id{sha256("core = 1\n"), Executable::no};
    ObjectRow row = schema.objects.get(txn, id).value();
    row.fingerprint = fingerprint("core = 0\n");
    schema.objects.put(txn, id, row);
  });
  BOOST_TEST(verify(VerifyDepth::scrub).problems.empty());
  expect_core_problem(ProblemKind::object_content, VerifyDepth::contents);
}

BOOST_AUTO_TEST_CASE(a_changed_mode_is_found) {
  BOOST_REQUIRE(::chmod(core.c_str(), 0644) == 0);
  expect_core_problem(ProblemKind::object_metadata, VerifyDepth::metadata);
}

BOOST_AUTO_TEST_CASE(a_changed_time_is_found) {
  set_file_mtime(core, 1700000000);
  expect_core_problem(ProblemKind::object_metadata, VerifyDepth::metadata);
}

BOOST_AUTO_TEST_CASE(a_changed_owner_is_found, *boost::unit_test::precondition([](boost::unit_test::test_unit_id) {
                       boost::test_tools::assertion_result result(::geteuid() == 0);
                       result.message() << "only root may give files away";
                       return result;
                     })) {
  BOOST_REQUIRE(::chown(core.c_str(), 65534, 65534) == 0);
  expect_core_problem(ProblemKind::object_metadata, VerifyDepth::metadata);
}

BOOST_AUTO_TEST_CASE(something_else_in_an_objects_place_is_found) {
  fs::remove(core);
  fs::create_symlink("/etc/passwd", core);
  expect_core_problem(ProblemKind::object_content, VerifyDepth::contents);
}

BOOST_AUTO_TEST_CASE(a_changed_or_missing_manifest_is_found) {
  const std::string manifest = store.layout().manifest(find_package(store.index(), artifact)->row.manifest);
  overwrite(manifest, slurp(manifest) + " ");
  const auto changed = verify(VerifyDepth::metadata).problems;
  BOOST_REQUIRE(changed.size() == 1U);
  BOOST_TEST((changed[0].kind == ProblemKind::manifest));
  BOOST_TEST((changed[0].packages == std::vector<std::string>{"demo 1.0"}));
  fs::remove(manifest);
  const auto missing = verify(VerifyDepth::metadata).problems;
  BOOST_REQUIRE(missing.size() == 1U);
  BOOST_TEST((missing[0].kind == ProblemKind::manifest));
}

BOOST_AUTO_TEST_CASE(a_package_whose_object_has_no_row_is_found) {
  store.index().write([&](WriteTxn& txn, const Schema& schema) {
    schema.objects.erase(txn, ObjectId{sha256("core = 1\n"), Executable::no});
  });
  const auto found = verify(VerifyDepth::metadata).problems;
  BOOST_REQUIRE(found.size() == 2U);
  BOOST_TEST((found[0].kind == ProblemKind::package));
  BOOST_TEST((found[0].packages == std::vector<std::string>{"demo 1.0"}));
  BOOST_TEST((found[1].kind == ProblemKind::index));  // the segment counts one more
}

BOOST_AUTO_TEST_CASE(orphans_are_counted_and_are_no_problem) {
  write_test_file(store.layout().segment(0) + "/" + sha256("orphan").hex(), "orphan");
  fs::create_directory(store.layout().segment(5));
  write_test_file(store.layout().segment(5) + "/" + sha256("orphan").hex(), "orphan");
  const VerifyResult result = verify();
  BOOST_TEST(result.problems.empty());
  BOOST_TEST(result.orphans == 2U);
}

BOOST_AUTO_TEST_CASE(every_package_that_has_the_object_is_named) {
  add("another", "2.0", {{"another.py", "core = 1\n"}});
  fs::remove(core);
  const auto found = verify(VerifyDepth::metadata).problems;
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST((found[0].packages == std::vector<std::string>{"another 2.0", "demo 1.0"}));
}

BOOST_AUTO_TEST_CASE(adding_the_wheel_again_replaces_what_was_changed) {
  const std::vector<WheelRequest> wheels{
      {write_wheel(make_wheel("demo", "1.0", {{"demo/core.py", "core = 1\n"}, {"demo/other.py", "other = 1\n"}})), {}}};
  overwrite(core, "core = 100\n");
  const VerifyResult found = verify(VerifyDepth::metadata);
  BOOST_REQUIRE(found.problems.size() == 1U);
  BOOST_TEST(found.problems[0].remedy == "`cas repair`, or `cas add demo-1.0-py3-none-any.whl`");
  IngestOptions options;
  BOOST_TEST(ingest_wheels(store, wheels, options, silent).front().already);
  options.known = KnownWheels::looked_after;
  const IngestResult again = ingest_wheels(store, wheels, options, silent).front();
  BOOST_TEST(!again.already);
  BOOST_TEST(again.new_files == 1U);
  BOOST_TEST(verify(VerifyDepth::contents).problems.empty());
  BOOST_TEST(slurp(object_path("core = 1\n")) == "core = 1\n");
  BOOST_TEST(ingest_wheels(store, wheels, options, silent).front().already);
}

BOOST_AUTO_TEST_CASE(only_reading_finds_it_and_the_remedy_says_so) {
  flip_bit();
  const VerifyResult found = verify(VerifyDepth::scrub);
  BOOST_REQUIRE(found.problems.size() == 1U);
  BOOST_TEST(found.problems[0].remedy ==
             "`cas repair --contents`, or `cas index rebuild` and then `cas add demo-1.0-py3-none-any.whl`");
}

BOOST_AUTO_TEST_CASE(a_damaged_record_of_an_interpreter_is_found) {
  fs::create_directories(store.layout().interpreter("cpython-3.12.1-x/.cas"));
  write_test_file(store.layout().interpreter("cpython-3.12.1-x") + "/.cas/interpreter", "nonsense");
  const VerifyResult found = verify(VerifyDepth::metadata);
  BOOST_REQUIRE(found.problems.size() == 1U);
  BOOST_TEST(exit_bit(found.problems[0].kind) == 32);
  BOOST_TEST(found.problems[0].what.find("cpython-3.12.1-x") != std::string::npos);
  BOOST_TEST(found.problems[0].remedy.find("cas python remove") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(all_parts_together_look_at_everything_once) {
  std::uint64_t objects = 0;
  std::size_t problems = 0;
  flip_bit();
  for (std::uint32_t part = 1; part <= 3; ++part) {
    VerifyOptions options;
    options.depth = VerifyDepth::contents;
    options.share = VerifyShare::part(part, 3);
    const VerifyResult result = verify_store(store, options, silent);
    BOOST_TEST(result.all_objects == object_rows());
    BOOST_TEST(result.in_time);
    objects += result.objects;
    problems += result.problems.size();
  }
  BOOST_TEST(objects == object_rows());
  BOOST_TEST(problems == 1U);
}

BOOST_AUTO_TEST_CASE(when_the_time_is_over_the_rest_is_not_looked_at) {
  VerifyOptions options;
  options.depth = VerifyDepth::contents;
  options.max_duration = std::chrono::nanoseconds(1);
  const VerifyResult result = verify_store(store, options, silent);
  BOOST_TEST(!result.in_time);
  BOOST_TEST(result.objects == 0U);
  BOOST_TEST(result.packages == 1U);  // these in any case
}

BOOST_AUTO_TEST_CASE(environments_that_link_a_damaged_object_are_named) {
  make_rooted_directory(dir / "linked", {artifact});
  Anchor copied = anchor_for(dir / "copied", {artifact});
  copied.link_mode = "copy";
  std::filesystem::create_directories(copied.target + "/.cas");
  PendingRoot root(store, copied, "");
  root.publish();
  set_file_mtime(core, 1700000000);
  const auto found = verify(VerifyDepth::metadata).problems;
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST((found[0].environments == std::vector<std::string>{dir / "linked"}));
}

BOOST_AUTO_TEST_CASE(a_glance_finds_changed_objects_and_reads_nothing) {
  BOOST_TEST(glance_at_objects(store, std::chrono::seconds(60)).problems.empty());
  set_file_mtime(core, 1700000000);
  BOOST_TEST(glance_at_objects(store, std::chrono::seconds(60)).problems.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_package_whose_object_has_no_row_is_read_again) {
  store.index().write([&](WriteTxn& txn, const Schema& schema) {
    erase_object(txn, schema, ObjectId{sha256("core = 1\n"), Executable::no});
  });
  IngestOptions options;
  options.known = KnownWheels::looked_after;
  const IngestResult again =
      ingest(make_wheel("demo", "1.0", {{"demo/core.py", "core = 1\n"}, {"demo/other.py", "other = 1\n"}}), options);
  BOOST_TEST(!again.already);
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(exit_bits_say_what_was_found) {
  BOOST_TEST(exit_bit(ProblemKind::object_metadata) == 4);
  BOOST_TEST(exit_bit(ProblemKind::object_missing) == 8);
  BOOST_TEST(exit_bit(ProblemKind::object_content) == 8);
  for (const ProblemKind kind : {ProblemKind::manifest, ProblemKind::package, ProblemKind::index}) {
    BOOST_TEST(exit_bit(kind) == 16);
  }
}

BOOST_AUTO_TEST_SUITE_END()
