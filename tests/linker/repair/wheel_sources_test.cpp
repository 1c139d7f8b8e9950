#include "linker/repair/wheel_sources.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/base/error.hpp"
#include "store/sys/publish.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

namespace {

struct SourcesFixture : TempStore {
  Sha256Digest demo = add("demo", "1.0", {{"demo.py", "demo = 1\n"}});
  std::vector<std::string> warnings;

  WheelSources sources(NetworkOptions options, std::vector<std::string> given = {}) {
    network.emplace(store, std::move(options));
    return {store, *network, std::move(given), silent, warnings};
  }
  [[nodiscard]] std::vector<WantedWheel> wanted() const {
    return {wanted_wheel(store, *find_package(store.index(), demo))};
  }
  std::optional<PackageNetwork> network;
};

NetworkOptions with_find_links(const std::string& place) {
  NetworkOptions options;
  options.places.find_links = {place};
  options.places.no_index = true;
  options.mode = CacheMode::offline;
  return options;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(wheel_sources_tests, SourcesFixture)

BOOST_AUTO_TEST_CASE(wheels_are_told_by_name_and_version) {
  const WantedWheel wheel{{}, {}, "my-demo", "1.0"};
  BOOST_TEST(is_wheel_of("my_demo-1.0-py3-none-any.whl", wheel));
  BOOST_TEST(is_wheel_of("My.Demo-1.0.0-1-cp311-cp311-linux_x86_64.whl", wheel));
  BOOST_TEST(!is_wheel_of("my_demo-1.1-py3-none-any.whl", wheel));
  BOOST_TEST(!is_wheel_of("demo-1.0-py3-none-any.whl", wheel));
  BOOST_TEST(!is_wheel_of("my_demo-1.0.tar.gz", wheel));
  BOOST_TEST(!is_wheel_of("nonsense.whl", wheel));
}

BOOST_AUTO_TEST_CASE(folders_of_find_links_are_at_hand_without_a_network) {
  const std::string wheel = write_wheel(make_wheel("demo", "1.0", {{"demo.py", "demo = 1\n"}}));
  write_wheel(make_wheel("demo", "2.0", {{"demo.py", "demo = 2\n"}}));
  const std::string folder = std::filesystem::path(wheel).parent_path();
  for (const std::string& place : {folder, "file://" + folder, wheel}) {
    BOOST_TEST_CONTEXT(place) {
      WheelSources here = sources(with_find_links(place));
      BOOST_TEST(here.at_hand(wanted()) == std::vector<std::string>{wheel});
      BOOST_TEST(here.all_answered());
      BOOST_TEST(here.fetch(wanted(), dir.path()).empty());
    }
  }
  BOOST_TEST(warnings.empty());
}

BOOST_AUTO_TEST_CASE(a_place_that_is_not_there_is_one_that_was_not_asked) {
  WheelSources here = sources(with_find_links(dir / "nowhere"));
  BOOST_TEST(here.at_hand(wanted()).empty());
  BOOST_TEST(!here.all_answered());
  BOOST_TEST(warnings.size() == 1U);
  BOOST_CHECK_THROW(sources({}, {dir / "nowhere.whl"}), NotFound);
}

BOOST_AUTO_TEST_CASE(an_index_that_does_not_answer_does_not_keep_the_next_from_being_asked) {
  const std::string wheel = write_wheel(make_wheel("demo", "1.0", {{"demo.py", "demo = 1\n"}}));
  std::filesystem::create_directories(dir / "index/demo");
  std::filesystem::copy_file(wheel, dir / "index/demo/demo-1.0-py3-none-any.whl");
  publish_file(dir / "index/demo", "index.html", "<a href=\"demo-1.0-py3-none-any.whl\">demo-1.0-py3-none-any.whl</a>",
               0644, Durability::none);
  std::filesystem::create_directory(dir / "fetched");
  NetworkOptions options;
  options.places.indexes = {"http://127.0.0.1:9/simple", dir / "index"};
  options.retries = 0;
  WheelSources here = sources(std::move(options));
  const auto fetched = here.fetch(wanted(), dir / "fetched");
  BOOST_REQUIRE(fetched.size() == 1U);
  BOOST_TEST(slurp(fetched[0]) == slurp(wheel));
  BOOST_TEST(!here.all_answered());
}

BOOST_AUTO_TEST_SUITE_END()
