#include "store/lost_packages.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/quarantine.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

namespace {

struct LossFixture : TempStore {
  void lose(const Sha256Digest& artifact) {
    std::filesystem::remove(store.layout().manifest(find_package(store.index(), artifact).value().row.manifest));
    BOOST_TEST(quarantine(store, {}, std::vector{artifact}).packages.size() == 1U);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lost_packages_tests, LossFixture)

BOOST_AUTO_TEST_CASE(packages_of_environments_that_the_store_does_not_have_are_named_once) {
  const Sha256Digest demo = add("demo", "1.0", {{"demo.py", "demo = 1\n"}});
  const Sha256Digest other = add("other", "1.0", {{"other.py", "other = 1\n"}});
  make_rooted_directory(dir / "b", {demo, other});
  make_rooted_directory(dir / "a", {demo});
  BOOST_TEST(list_lost_packages(store).empty());

  lose(demo);
  const auto lost = list_lost_packages(store);
  BOOST_REQUIRE(lost.size() == 1U);
  BOOST_TEST((lost[0].artifact == demo));
  BOOST_TEST(lost[0].environments == (std::vector<std::string>{dir / "a", dir / "b"}));
}

BOOST_AUTO_TEST_CASE(environments_that_are_gone_need_nothing) {
  const Sha256Digest demo = add("demo", "1.0", {{"demo.py", "demo = 1\n"}});
  make_rooted_directory(dir / "a", {demo});
  lose(demo);
  std::filesystem::remove_all(dir / "a");
  BOOST_TEST(list_lost_packages(store).empty());
}

BOOST_AUTO_TEST_SUITE_END()
