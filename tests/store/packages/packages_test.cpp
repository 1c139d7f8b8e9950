#include "store/packages/packages.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

BOOST_FIXTURE_TEST_SUITE(packages_tests, TempStore)

BOOST_AUTO_TEST_CASE(packages_are_listed_by_name_and_version) {
  add("zebra", "1.0", {{"zebra.py", "z"}});
  add("apple", "2.0", {{"apple.py", "a2"}});
  add("apple", "1.0", {{"apple.py", "a1"}});
  std::vector<std::string> names;
  for (const Package& package : list_packages(store.index())) {
    names.push_back(package.row.normalized_name + " " + package.row.version);
  }
  BOOST_TEST((names == std::vector<std::string>{"apple 1.0", "apple 2.0", "zebra 1.0"}));
}

BOOST_AUTO_TEST_CASE(a_package_is_found_by_its_artifact) {
  const Sha256Digest artifact = add("demo", "1.0", {{"demo.py", "x"}});
  const auto package = find_package(store.index(), artifact);
  BOOST_REQUIRE(package);
  BOOST_TEST(package->row.name == "demo");
  const Manifest manifest = read_manifest(store.layout(), package->row.manifest);
  BOOST_TEST((manifest.artifact == artifact));
  BOOST_TEST(!find_package(store.index(), sha256("another")).has_value());
}

BOOST_AUTO_TEST_CASE(a_missing_or_changed_manifest_is_corruption) {
  const auto package = find_package(store.index(), add("demo", "1.0", {{"demo.py", "x"}}));
  const std::string path = store.layout().manifest(package->row.manifest);
  const std::string bytes = slurp(path);
  overwrite(path, bytes + "x");
  BOOST_CHECK_THROW(read_manifest(store.layout(), package->row.manifest), Corruption);
  std::filesystem::remove(path);
  BOOST_CHECK_EXCEPTION(read_manifest(store.layout(), package->row.manifest), Corruption,
                        [&](const Error& error) { return error.message().find(path) != std::string::npos; });
}

BOOST_AUTO_TEST_CASE(empty_files_are_no_objects) {
  const auto package = find_package(store.index(), add("demo", "1.0", {{"demo/__init__.py", ""}, {"demo/a.py", "a"}}));
  const Manifest manifest = read_manifest(store.layout(), package->row.manifest);
  bool seen_empty = false;
  for_each_object(manifest, [&](const ObjectId& id, std::uint64_t size) {
    seen_empty = seen_empty || size == 0 || id.digest == empty_digest();
  });
  BOOST_TEST(!seen_empty);
}

BOOST_AUTO_TEST_SUITE_END()
