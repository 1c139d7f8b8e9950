#include "store/usage.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/support/temp_environment.hpp"

using namespace cas;
using namespace cas::test;

namespace {

const std::string kBig(100'000, 'b');

struct UsageFixture : TempEnvironment {
  std::vector<WheelBuilder> wheels{make_wheel("demo", "1.0", {{"demo/__init__.py", ""}, {"demo/big.py", kBig}})};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(usage_tests, UsageFixture)

BOOST_AUTO_TEST_CASE(an_empty_store_takes_nothing) {
  const StoreUsage usage = measure_store(store);
  BOOST_TEST(usage.objects == 0U);
  BOOST_TEST(usage.object_bytes == 0U);
  BOOST_TEST(usage.environments == 0U);
}

BOOST_AUTO_TEST_CASE(what_packages_share_is_saved) {
  const IngestResult first = ingest(make_wheel("first", "1.0", {{"first.py", kBig}}));
  const IngestResult second = ingest(make_wheel("second", "1.0", {{"second.py", kBig}}));
  const StoreUsage usage = measure_store(store);
  BOOST_TEST(usage.packages == 2U);
  BOOST_TEST(usage.objects == object_rows());
  BOOST_TEST(usage.package_bytes == first.bytes + second.bytes);
  BOOST_TEST(usage.object_bytes == first.new_bytes + second.new_bytes);
  BOOST_TEST(usage.saved_between_packages == usage.package_bytes - usage.object_bytes);
  BOOST_TEST(usage.saved_between_packages >= kBig.size());
  BOOST_TEST(usage.saved_between_environments == 0U);
}

BOOST_AUTO_TEST_CASE(environments_save_against_copies_of_their_own) {
  const auto artifact = add("demo", "1.0", {{"demo.py", kBig}});
  for (int i = 0; i < 3; ++i) make_rooted_directory(dir / ("env" + std::to_string(i)), {artifact});
  make_rooted_directory(dir / "gone", {artifact});
  std::filesystem::remove_all(dir / "gone");
  const StoreUsage usage = measure_store(store);
  BOOST_TEST(usage.environments == 3U);
  BOOST_TEST(usage.environment_bytes == 3 * usage.package_bytes);
  BOOST_TEST(usage.saved_between_environments == usage.environment_bytes - usage.object_bytes);
}

BOOST_AUTO_TEST_CASE(what_is_no_environment_is_not_found) {
  BOOST_CHECK_THROW(measure_environment(store, dir / "nothing"), NotFound);
}

BOOST_AUTO_TEST_CASE(one_environment_would_free_all_of_its_objects, *boost::unit_test::precondition(has_python)) {
  create("one", wheels);
  const EnvironmentUsage usage = measure_environment(store, path("one"));
  BOOST_TEST(usage.path == path("one"));
  BOOST_TEST(usage.shared_bytes >= kBig.size());
  BOOST_TEST(usage.shared_bytes < kBig.size() + 4096U);
  BOOST_TEST(usage.apparent_bytes > usage.shared_bytes);
  BOOST_TEST(usage.own_bytes > 0U);
  BOOST_TEST(usage.own_bytes < kBig.size());
  BOOST_TEST(usage.freed_by_removal == usage.own_bytes + usage.directory_bytes);
  BOOST_TEST(usage.freed_after_gc >= kBig.size());

  const RemoveResult removed = remove_environment(store, path("one"), false, silent);
  BOOST_TEST(removed.files == usage.files);
  BOOST_TEST(removed.directories == usage.directories);
}

BOOST_AUTO_TEST_CASE(of_two_environments_none_would_free_the_objects, *boost::unit_test::precondition(has_python)) {
  create("one", wheels);
  create("two", wheels);
  const EnvironmentUsage one = measure_environment(store, path("one"));
  const EnvironmentUsage two = measure_environment(store, path("two"));
  BOOST_TEST(one.freed_after_gc == 0U);
  BOOST_TEST(one.shared_bytes == two.shared_bytes);
  BOOST_TEST(one.shared_bytes >= kBig.size());
  static_cast<void>(remove_environment(store, path("two"), false, silent));
  BOOST_TEST(measure_environment(store, path("one")).freed_after_gc >= kBig.size());
}

BOOST_AUTO_TEST_CASE(a_copied_environment_owns_its_files, *boost::unit_test::precondition(has_python)) {
  CreateOptions wanted = options(wheels);
  wanted.link_mode = LinkMode::copy;
  create("copied", wanted);
  const EnvironmentUsage usage = measure_environment(store, path("copied"));
  BOOST_TEST(usage.shared_bytes == 0U);
  BOOST_TEST(usage.own_bytes >= kBig.size());
  BOOST_TEST(usage.freed_after_gc == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
