#include "store/rebuild.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/quarantine.hpp"
#include "store/sys/file.hpp"
#include "store/sys/lock.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

struct RebuildFixture : TempStore {
  Sha256Digest used = add("used", "1.0", {{"used/__init__.py", ""}, {"used/core.py", "used core"}});
  Sha256Digest unused = add("unused", "1.0", {{"unused.py", "unused core"}});
  Anchor anchor = make_rooted_directory(dir / "env", {used});

  RebuildResult rebuild() {
    const RebuildResult result = rebuild_index({store.layout().root(), "", Durability::none}, 2, silent);
    store = Store::open({store.layout().root(), "", Durability::none});  // the old one is told to go
    return result;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(rebuild_tests, RebuildFixture)

BOOST_AUTO_TEST_CASE(everything_returns_after_the_index_was_deleted) {
  const std::uint64_t rows = object_rows();
  const auto before = find_object(store, {sha256("used core"), Executable::no});
  fs::remove_all(store.layout().default_index());
  const RebuildResult result = rebuild();
  BOOST_TEST(result.objects == rows);
  BOOST_TEST(result.removed == 0U);
  BOOST_TEST(result.packages == 2U);
  BOOST_TEST(result.incomplete.empty());
  BOOST_TEST(object_rows() == rows);
  const auto after = find_object(store, {sha256("used core"), Executable::no});
  BOOST_REQUIRE(after);
  BOOST_TEST(after->segment == before->segment);
  BOOST_TEST(after->size == before->size);
  BOOST_TEST(after->crc32 == before->crc32);
  BOOST_TEST((after->fingerprint == before->fingerprint));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_corrupt_index_is_replaced) {
  const std::string data = store.layout().default_index() + "/data.mdb";
  std::string bytes = slurp(data);
  bytes.replace(0, 16384, std::string(16384, '\x5a'));
  write_test_file(dir / "damaged", bytes);
  fs::rename(dir / "damaged", data);
  BOOST_CHECK_THROW(Store::open({store.layout().root(), "", Durability::none}), Error);
  BOOST_TEST(rebuild().packages == 2U);
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(environments_are_still_live_and_keep_what_they_use) {
  static_cast<void>(rebuild());
  BOOST_TEST((look_at_root(store, anchor).state == AnchorState::live));
  const GcResult result = collect();
  BOOST_TEST(result.environments == 1U);
  BOOST_REQUIRE(result.packages.size() == 1U);
  BOOST_TEST(result.packages[0].name == "unused");
  BOOST_TEST(has_package(used));
  BOOST_TEST(has_content("used core"));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(packages_come_back_as_they_were) {
  const auto before = list_packages(store.index());
  static_cast<void>(rebuild());
  const auto after = list_packages(store.index());
  BOOST_REQUIRE(after.size() == before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    BOOST_TEST((after[i].artifact == before[i].artifact));
    BOOST_TEST((after[i].row.manifest == before[i].row.manifest));
    BOOST_TEST(after[i].row.file_name == before[i].row.file_name);
    BOOST_TEST(after[i].row.files == before[i].row.files);
    BOOST_TEST(after[i].row.content_bytes == before[i].row.content_bytes);
    BOOST_TEST(after[i].row.artifact_bytes == before[i].row.artifact_bytes);
  }
  // New numbers go on from there.
  const auto late = add("late", "1.0", {{"late.py", "late"}});
  for (const Package& package : after) {
    BOOST_TEST(find_package(store.index(), late)->row.sequence > package.row.sequence);
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_object_is_not_accepted_and_its_package_is_reported) {
  const std::string path = object_path("used core");
  overwrite(path, "used c0re");
  const RebuildResult result = rebuild();
  BOOST_TEST(result.removed == 1U);
  BOOST_TEST(result.packages == 1U);
  BOOST_REQUIRE(result.incomplete.size() == 1U);
  BOOST_TEST(result.incomplete[0].find("used 1.0") != std::string::npos);
  BOOST_TEST(!exists(path));
  BOOST_TEST(!has_content("used core"));
  BOOST_TEST(!has_package(used));
  // Adding its wheel again heals the store.
  add("used", "1.0", {{"used/__init__.py", ""}, {"used/core.py", "used core"}});
  BOOST_TEST(has_package(used));
  BOOST_TEST(problems().empty());
}

// By its inode a repair finds who has it.
BOOST_AUTO_TEST_CASE(a_damaged_object_that_somebody_has_is_put_aside) {
  const std::string path = object_path("used core"), held = dir / "env/core.py";
  fs::create_hard_link(path, held);
  overwrite(path, "used c0re");
  // The same object in two segments (after a crash): sound, so that nobody is to be linked anew.
  const std::string twice = store.layout().segment(77);
  fs::create_directory(twice);
  const std::string other = object_path("unused core");
  fs::copy_file(other, twice + "/" + fs::path(other).filename().string());
  fs::create_hard_link(twice + "/" + fs::path(other).filename().string(), dir / "env/unused.py");
  BOOST_TEST(rebuild().removed == 2U);
  const auto kept = list_quarantine(store);
  BOOST_REQUIRE(kept.size() == 1U);
  BOOST_TEST((kept[0].object == ObjectId{sha256("used core"), Executable::no}));
  BOOST_TEST(fs::equivalent(kept[0].path, held));
  BOOST_TEST(!kept[0].in_use);
  BOOST_TEST(!exists(path));
}

BOOST_AUTO_TEST_CASE(what_is_no_object_is_removed) {
  write_test_file(store.layout().segment(0) + "/" + sha256("bytes").hex(), "other bytes");
  write_test_file(store.layout().segment(0) + "/readme", "x");
  write_test_file(store.layout().segment(0) + "/" + empty_digest().hex(), "");
  const RebuildResult result = rebuild();
  BOOST_TEST(result.removed == 3U);
  BOOST_TEST(object_files().size() == object_rows());
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_file_does_not_stop_it) {
  const std::uint64_t rows = object_rows();
  const std::string path = object_path("unused core");
  fs::remove(path);
  fs::create_symlink("/etc/passwd", path);
  fs::create_directory(fs::path(path).parent_path() / ".trash");
  const RebuildResult result = rebuild();
  BOOST_TEST(result.objects == rows - 1);
  BOOST_TEST(result.packages == 1U);
  BOOST_TEST(!fs::is_symlink(path));
  BOOST_TEST(exists(fs::path(path).parent_path() / ".trash"));
}

BOOST_AUTO_TEST_CASE(what_a_living_writer_has_half_written_stays) {
  const std::string segment =
      store.layout().segment(find_object(store, {sha256("used core"), Executable::no})->segment);
  const std::string half = segment + "/" + ObjectId{sha256("whole"), Executable::no}.file_name();
  write_test_file(half, "who");
  {
    const Fd writer = open_directory(segment);
    BOOST_REQUIRE(try_lock_fd(writer.get(), LockMode::exclusive));
    BOOST_TEST(rebuild().removed == 0U);
    BOOST_TEST(stat_path(half).has_value());
  }
  BOOST_TEST(rebuild().removed == 1U);
  BOOST_TEST(!stat_path(half));
}

BOOST_AUTO_TEST_CASE(an_object_in_two_segments_counts_once) {
  fs::create_directory(store.layout().segment(9));
  fs::copy_file(object_path("used core"), store.layout().segment(9) + "/" + sha256("used core").hex());
  const RebuildResult result = rebuild();
  BOOST_TEST(result.removed == 1U);
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_foreign_file_among_the_manifests_is_reported) {
  write_test_file(store.layout().manifests() + "/" + sha256("x").hex(), "no manifest");
  const RebuildResult result = rebuild();
  BOOST_TEST(result.packages == 2U);
  BOOST_TEST(result.incomplete.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
