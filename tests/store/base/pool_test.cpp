#include "store/base/pool.hpp"

#include <sched.h>

#include <atomic>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "store/base/error.hpp"
#include "store/base/progress.hpp"
#include "tests/support/child.hpp"

namespace data = boost::unit_test::data;
using namespace cas;

BOOST_AUTO_TEST_SUITE(pool)

BOOST_AUTO_TEST_CASE(there_is_a_cpu) { BOOST_TEST(available_cpus() >= 1U); }

BOOST_DATA_TEST_CASE(every_item_is_worked_on_once, data::make({0U, 1U, 2U, 7U}) * data::make({0U, 1U, 2U, 1000U}),
                     threads, count) {
  std::vector<std::atomic<int>> seen(count);
  parallel_for(count, threads, [&](std::size_t i) { ++seen[i]; });
  for (const auto& times : seen) BOOST_TEST(times.load() == 1);
}

BOOST_AUTO_TEST_CASE(one_thread_works_in_order_on_the_callers_thread) {
  std::vector<std::size_t> order;
  const auto caller = std::this_thread::get_id();
  parallel_for(5, 1, [&](std::size_t i) {
    BOOST_TEST((std::this_thread::get_id() == caller));
    order.push_back(i);
  });
  BOOST_TEST(order == (std::vector<std::size_t>{0, 1, 2, 3, 4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_worker_has_a_number_and_0_is_the_caller) {
  std::mutex mutex;
  std::set<unsigned> workers;
  std::thread::id first;
  run_workers(4, [&](unsigned worker, const std::atomic<bool>&) {
    const std::lock_guard lock(mutex);
    workers.insert(worker);
    if (worker == 0) first = std::this_thread::get_id();
  });
  BOOST_TEST((workers == std::set<unsigned>{0, 1, 2, 3}));
  BOOST_TEST((first == std::this_thread::get_id()));
}

BOOST_DATA_TEST_CASE(the_first_error_stops_all_and_is_rethrown, data::make({1U, 2U, 4U}), threads) {
  std::atomic<std::size_t> done{0};
  BOOST_CHECK_EXCEPTION(parallel_for(1'000'000, threads,
                                     [&](std::size_t i) {
                                       if (i == 100) throw NotFound("the hundredth");
                                       ++done;
                                     }),
                        NotFound, [](const NotFound& error) { return error.message() == "the hundredth"; });
  BOOST_TEST(done.load() < 1'000'000U);
}

BOOST_AUTO_TEST_CASE(workers_see_that_they_should_stop) {
  // Without the flag this would never end.
  BOOST_CHECK_THROW(run_workers(3,
                                [](unsigned worker, const std::atomic<bool>& stop) {
                                  if (worker == 1) throw std::runtime_error("stop");
                                  while (!stop.load()) std::this_thread::yield();
                                }),
                    std::runtime_error);
}

BOOST_AUTO_TEST_CASE(the_callers_affinity_is_restored) {
  cpu_set_t before;
  cpu_set_t after;
  BOOST_REQUIRE(::sched_getaffinity(0, sizeof before, &before) == 0);
  run_workers(2, [](unsigned, const std::atomic<bool>&) {});
  BOOST_CHECK_THROW(run_workers(2, [](unsigned, const std::atomic<bool>&) { throw std::runtime_error("stop"); }),
                    std::runtime_error);
  BOOST_REQUIRE(::sched_getaffinity(0, sizeof after, &after) == 0);
  BOOST_TEST(CPU_EQUAL(&before, &after));
}

BOOST_AUTO_TEST_CASE(an_interrupt_stops_the_work) {
  // In a child, because a process stays interrupted.
  const int status = test::run_in_child([] {
    std::size_t done = 0;
    try {
      parallel_for(1000, 1, [&](std::size_t i) {
        if (i == 9) request_interrupt();
        ++done;
      });
    } catch (const Interrupted&) {
      test::expect(done == 10, "stopped at once");
      return;
    }
    test::expect(false, "was interrupted");
  });
  BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_SUITE_END()
