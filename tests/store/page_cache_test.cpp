#include "store/page_cache.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/gc.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

struct PagesFixture : TempStore {
  std::string page(const std::string& name, std::chrono::hours ago) {
    fs::create_directories(store.layout().page_cache());
    std::string path = store.layout().page_cache() + "/" + name;
    write_test_file(path, "12345");
    fs::last_write_time(path, fs::file_time_type::clock::now() - ago);
    return path;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(page_cache, PagesFixture)

BOOST_AUTO_TEST_CASE(a_store_without_pages_has_none_to_remove) {
  BOOST_TEST(remove_old_pages(store, std::chrono::hours{1}, false).count == 0U);
}

BOOST_AUTO_TEST_CASE(old_pages_go_and_others_stay) {
  const std::string fresh = page("fresh", std::chrono::hours{1});
  const std::string future = page("future", std::chrono::hours{-1});
  const std::string old = page("old", std::chrono::hours{50});
  fs::create_directory(store.layout().page_cache() + "/directory");
  for (const bool dry_run : {true, false}) {
    const RemovedPages removed = remove_old_pages(store, std::chrono::hours{48}, dry_run);
    BOOST_TEST(removed.count == 1U);
    BOOST_TEST(removed.bytes == 5U);
    BOOST_TEST(exists(old) == dry_run);
  }
  BOOST_TEST(exists(fresh));
  BOOST_TEST(exists(future));
  BOOST_TEST(remove_old_pages(store, std::chrono::hours{48}, false).count == 0U);
}

BOOST_AUTO_TEST_CASE(the_collector_takes_them_along) {
  const std::string old = page("old", kPagesMaxAge + std::chrono::hours{1});
  const std::string fresh = page("fresh", kPagesMaxAge - std::chrono::hours{1});
  GcOptions options;
  options.dry_run = true;
  BOOST_TEST(collect_garbage(store, options, silent).pages.count == 1U);
  BOOST_TEST(exists(old));
  options.dry_run = false;
  BOOST_TEST(collect_garbage(store, options, silent).pages.bytes == 5U);
  BOOST_TEST(!exists(old));
  BOOST_TEST(exists(fresh));
}

BOOST_AUTO_TEST_SUITE_END()
