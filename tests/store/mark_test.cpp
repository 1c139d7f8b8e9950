#include "store/mark.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/ingest.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

namespace {

struct MarkFixture : TempStore {
  Mark mark(const GcOptions& options = {}) { return Mark(store, options, 0, Deadline(std::nullopt), silent); }
  static ObjectId id(std::string_view content) { return {sha256(content), Executable::no}; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(mark_tests, MarkFixture)

BOOST_AUTO_TEST_CASE(objects_of_kept_packages_are_live) {
  const auto used = add("used", "1.0", {{"used.py", "used"}});
  const auto unused = add("unused", "1.0", {{"unused.py", "unused"}});
  make_rooted_directory(dir / "env", {used});
  const Mark result = mark();
  BOOST_TEST(result.keeps(used));
  BOOST_TEST(!result.keeps(unused));
  BOOST_TEST(!result.is_garbage(id("used")));
  BOOST_TEST(result.is_garbage(id("unused")));
  BOOST_TEST(!result.objects().find({sha256("used"), Executable::yes}));
  BOOST_TEST(result.live_environments() == 1U);
  BOOST_TEST(result.evicted().size() == 1U);
}

BOOST_AUTO_TEST_CASE(refresh_takes_in_new_anchors) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  Mark result = mark();
  BOOST_TEST(result.is_garbage(id("content")));
  make_rooted_directory(dir / "env", {artifact});
  result.refresh();
  BOOST_TEST(result.keeps(artifact));
  BOOST_TEST(!result.is_garbage(id("content")));
}

BOOST_AUTO_TEST_CASE(refresh_takes_in_new_packages) {
  add("old", "1.0", {{"old.py", "left over"}});
  Mark result = mark();
  BOOST_TEST(result.is_garbage(id("left over")));
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}, {"left.py", "left over"}});
  BOOST_TEST(!result.keeps(artifact));
  result.refresh();
  BOOST_TEST(result.keeps(artifact));
  BOOST_TEST(!result.is_garbage(id("content")));
  BOOST_TEST(!result.is_garbage(id("left over")));
}

// The anchor comes first, the package later: both refreshes together keep it.
BOOST_AUTO_TEST_CASE(an_anchor_may_name_a_package_yet_to_come) {
  const WheelBuilder wheel = make_wheel("demo", "1.0", {{"demo.py", "content"}});
  add("old", "1.0", {{"old.py", "content"}});
  Mark result = mark();
  make_rooted_directory(dir / "env", {sha256(wheel.bytes())});
  result.refresh();
  BOOST_TEST(result.is_garbage(id("content")));
  add(wheel);
  result.refresh();
  BOOST_TEST(!result.is_garbage(id("content")));
}

// Two that made the same plan at the same time, and compiled what is not the same to the last byte.
BOOST_AUTO_TEST_CASE(a_plan_that_is_recorded_again_with_other_files_keeps_those) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  add("old", "1.0", {{"old.py", "second"}});
  make_rooted_directory(dir / "env", {artifact}, sha256("key"));
  const auto record = [&](std::string_view generated) {
    const GeneratedObject object{id(generated), generated};
    BOOST_REQUIRE(record_plan(store, sha256("key"), {&artifact, 1}, {&object, 1},
                              [](const ReadTxn&, const Schema&) { return std::string("body"); }));
  };
  record("first");
  Mark result = mark();
  BOOST_TEST(!result.is_garbage(id("first")));
  BOOST_TEST(result.is_garbage(id("second")));
  record("second");
  result.refresh();
  BOOST_TEST(!result.is_garbage(id("second")));
}

BOOST_AUTO_TEST_CASE(refresh_survives_an_unreadable_anchor) {
  const std::string broken = store.layout().roots() + "/0123456789abcdef0123456789abcdef";
  write_test_file(broken, "broken");
  Mark before = mark();
  BOOST_TEST(before.warnings().size() == 2U);
  before.refresh();
  BOOST_TEST(before.warnings().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_dead_environments_last_use_is_its_packages) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  make_rooted_directory(dir / "env", {artifact});
  std::filesystem::remove_all(dir / "env");
  GcOptions options;
  options.max_age = std::chrono::hours(1);
  BOOST_TEST(mark(options).keeps(artifact));
  BOOST_TEST(!mark().keeps(artifact));
}

BOOST_AUTO_TEST_SUITE_END()
