#include "store/automatic_gc.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/sys/lock.hpp"
#include "store/sys/probe.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

namespace {

struct AutomaticFixture : TempStore {
  // More than there can be.
  std::uint64_t everything() { return filesystem_of(dir.path()).total_bytes * 2; }
  std::optional<AutomaticGc> run(std::uint64_t min_free) {
    return collect_automatically(store, min_free, min_free, silent);
  }
  void set_in_vain(std::chrono::seconds ago) {
    set_file_mtime(store.layout().automatic_in_vain(),
                   std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() - ago));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(automatic_gc_tests, AutomaticFixture)

BOOST_AUTO_TEST_CASE(with_enough_free_nothing_happens) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  BOOST_TEST(!run(1));
  BOOST_TEST(has_package(artifact));
}

BOOST_AUTO_TEST_CASE(only_what_nothing_uses_goes) {
  const auto used = add("used", "1.0", {{"used.py", "used"}});
  const auto unused = add("unused", "1.0", {{"unused.py", "unused"}});
  make_rooted_directory(dir / "env", {used});
  const auto done = run(everything());
  BOOST_REQUIRE(done);
  BOOST_TEST(done->result.packages.size() == 1U);
  BOOST_TEST(has_package(used));
  BOOST_TEST(!has_package(unused));
  BOOST_TEST(done->in_vain);
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(what_was_in_vain_is_not_tried_again_soon) {
  BOOST_TEST(run(everything())->in_vain);
  BOOST_TEST(!run(everything()));
  set_in_vain(std::chrono::duration_cast<std::chrono::seconds>(kAutomaticPause) + std::chrono::seconds(5));
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  BOOST_TEST(run(everything())->result.packages.size() == 1U);
  BOOST_TEST(!has_package(artifact));
}

BOOST_AUTO_TEST_CASE(one_process_collects_at_a_time) {
  const auto lock = FileLock::acquire(store.layout().automatic_lock(), LockMode::exclusive);
  add("demo", "1.0", {{"demo.py", "content"}});
  BOOST_TEST(!run(everything()));
  BOOST_TEST(has_content("content"));
}

BOOST_AUTO_TEST_SUITE_END()
