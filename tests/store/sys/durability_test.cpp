#include "store/sys/durability.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace data = boost::unit_test::data;

namespace {

std::size_t open_descriptors() {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator()));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(durability_tests)

// Whether bytes reach the disk cannot be seen from here; that descriptors are kept only while the batch is small can.
BOOST_DATA_TEST_CASE(descriptors_stay_bounded,
                     data::make({Durability::none, Durability::batch, Durability::strict}) *
                         data::make({1, 16, 17, 100}),
                     durability, count) {
  const TempDir dir;
  const Fd directory = open_directory(dir.path());
  const std::size_t before = open_descriptors();
  {
    SyncBatch batch(durability, dir.path());
    for (int i = 0; i < count; ++i) {
      Fd file = create_file_at(directory.get(), std::to_string(i), 0444);
      write_all(file.get(), "content", "file");
      // Every other one as if it were large: that only starts its way to the disk earlier.
      batch.written(std::move(file), i % 2 == 0 ? 7 : SyncBatch::kLargeBytes);
      BOOST_REQUIRE(open_descriptors() <= before + 1 + SyncBatch::kFsyncFiles);
    }
    if (durability != Durability::batch || static_cast<std::size_t>(count) > SyncBatch::kFsyncFiles) {
      BOOST_TEST(open_descriptors() == before + 1);
    }
    batch.finish({dir.path()});
    BOOST_TEST(open_descriptors() == before + 1);
  }
  BOOST_TEST(open_descriptors() == before);
}

BOOST_AUTO_TEST_CASE(a_directory_that_vanished_is_an_error_unless_nothing_is_synchronised) {
  const TempDir dir;
  SyncBatch batch(Durability::batch, dir.path());
  BOOST_CHECK_THROW(batch.finish({dir / "gone"}), SystemError);
  SyncBatch none(Durability::none, dir.path());
  BOOST_CHECK_NO_THROW(none.finish({dir / "gone"}));
}

BOOST_AUTO_TEST_SUITE_END()
