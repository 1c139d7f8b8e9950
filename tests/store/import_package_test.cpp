#include "store/import_package.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/base/error.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

namespace {

struct TwoStores : TempStore {
  TempStore other;
  Sha256Digest demo = other.add("demo", "1.0", {{"demo.py", "demo = 1\n"}, {"empty.py", ""}, {"data/x.txt", "x\n"}});
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(import_package_tests, TwoStores)

BOOST_AUTO_TEST_CASE(a_package_comes_whole_and_the_other_store_is_not_touched) {
  const auto before = snapshot(other.store.layout().objects());
  BOOST_TEST(may_import_package(other.store.layout().root(), demo));
  BOOST_TEST(!has_package(demo));
  BOOST_REQUIRE(import_package(store, other.store.layout().root(), demo));
  BOOST_TEST(has_package(demo));
  BOOST_TEST(has_content("demo = 1\n"));
  BOOST_TEST(problems().empty());
  BOOST_TEST((snapshot(other.store.layout().objects()) == before));
  BOOST_TEST(find_package(store.index(), demo)->row.manifest.hex() ==
             find_package(other.store.index(), demo)->row.manifest.hex());
}

BOOST_AUTO_TEST_CASE(damaged_bytes_are_not_believed_and_nothing_remains) {
  overwrite(other.object_path("demo = 1\n"), "demo = 2\n");
  BOOST_TEST(!import_package(store, other.store.layout().root(), demo));
  BOOST_TEST(!has_package(demo));
  BOOST_TEST(object_rows() == 0U);
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_missing_object_a_damaged_manifest_and_an_unknown_package_bring_nothing) {
  const std::string root = other.store.layout().root();
  BOOST_TEST(!import_package(store, root, sha256("unknown")));
  std::filesystem::remove(other.object_path("x\n"));
  BOOST_TEST(!import_package(store, root, demo));
  overwrite(other.store.layout().manifest(find_package(other.store.index(), demo)->row.manifest), "nonsense");
  BOOST_TEST(!may_import_package(root, demo));
  BOOST_TEST(!import_package(store, root, demo));
  BOOST_TEST(!has_package(demo));
}

BOOST_AUTO_TEST_CASE(what_is_no_store_is_refused) {
  BOOST_CHECK_THROW(static_cast<void>(import_package(store, dir / "nothing", demo)), NotFound);
}

BOOST_AUTO_TEST_SUITE_END()
