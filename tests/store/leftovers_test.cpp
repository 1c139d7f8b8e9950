#include "store/leftovers.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/objects/segments.hpp"
#include "store/sys/publish.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

BOOST_FIXTURE_TEST_SUITE(leftovers_tests, TempStore)

BOOST_AUTO_TEST_CASE(a_healthy_store_loses_nothing) {
  add("demo", "1.0", {{"demo.py", "content"}});
  make_rooted_directory(dir / "env", {});
  const auto before = snapshot_content(store);
  BOOST_TEST(remove_leftovers(store) == 0U);
  BOOST_TEST((snapshot_content(store) == before));
}

BOOST_AUTO_TEST_CASE(files_without_rows_are_removed) {
  add("demo", "1.0", {{"demo.py", "content"}});
  const std::string segment = store.layout().segment(0);
  write_test_file(segment + "/" + sha256("orphan").hex(), "orphan");
  write_test_file(segment + "/no object's name", "x");
  fs::copy_file(object_path("content"), segment + "/" + sha256("content").hex() + "x");
  BOOST_TEST(remove_leftovers(store) == 3U);
  BOOST_TEST(object_files().size() == object_rows());
  BOOST_TEST(problems().empty());
}

// After a crash in the middle of adding: a copy in a segment that the row does not mean.
BOOST_AUTO_TEST_CASE(a_copy_in_another_segment_is_removed) {
  add("demo", "1.0", {{"demo.py", "content"}});
  fs::create_directory(store.layout().segment(7));
  fs::copy_file(object_path("content"), store.layout().segment(7) + "/" + sha256("content").hex());
  BOOST_TEST(remove_leftovers(store) == 2U);  // the file and the segment
  BOOST_TEST(!exists(store.layout().segment(7)));
  BOOST_TEST(exists(object_path("content")));
}

BOOST_AUTO_TEST_CASE(a_held_segment_is_left_alone) {
  SegmentWriter writer(store.layout(), store.index());
  const std::string path = store.layout().segment(writer.place().number) + "/" + sha256("pending").hex();
  write_test_file(path, "pending");
  BOOST_TEST(remove_leftovers(store) == 0U);
  BOOST_TEST(exists(path));
}

BOOST_AUTO_TEST_CASE(staging_of_the_dead_is_removed_and_of_the_living_kept) {
  const StagingDirectory living(store.layout().staging());
  fs::create_directories(store.layout().staging() + "/0123456789abcdef0123456789abcdef/deep");
  BOOST_TEST(remove_leftovers(store) == 1U);
  BOOST_TEST(exists(living.path()));
  BOOST_TEST(names_in(store.layout().staging()).size() == 1U);
}

BOOST_AUTO_TEST_CASE(stray_manifests_and_drafts_of_anchors_are_removed) {
  add("demo", "1.0", {{"demo.py", "content"}});
  make_rooted_directory(dir / "env", {});
  write_test_file(store.layout().manifests() + "/" + sha256("stray").hex(), "stray");
  write_test_file(store.layout().roots() + "/.0123456789abcdef0123456789abcdef.random", "draft");
  BOOST_TEST(remove_leftovers(store) == 2U);
  BOOST_TEST(names_in(store.layout().manifests()).size() == 1U);
  BOOST_TEST(names_in(store.layout().roots()).size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_reserve_stays_while_there_is_room) {
  {
    const DiskReserve reserve(store, false);
    BOOST_TEST(exists(store.layout().reserve()));
  }
  BOOST_TEST(fs::file_size(store.layout().reserve()) == 1048576U);
}

BOOST_AUTO_TEST_SUITE_END()
