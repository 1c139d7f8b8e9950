// Creators and the collector share one lock: neither can starve the other, however many there are. What they wait is printed, and nothing
// is asserted of it: what starves does not end.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <thread>

#include "store/gc.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kBatches = 12;
constexpr unsigned kLoopers[] = {1, 2, 4, 8, 16};

using Waits = std::vector<double>;  // in milliseconds

// Takes the lock, and notes what that took.
FileLock lock_noting(const Store& store, LockMode mode, Waits& waits) {
  const auto start = std::chrono::steady_clock::now();
  FileLock lock = store.lock_gc(mode);
  waits.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  return lock;
}

void print_waits(const std::string& who, Waits waits) {
  std::ranges::sort(waits);
  const auto share = [&](std::size_t of_hundred) { return waits[(waits.size() - 1) * of_hundred / 100]; };
  BOOST_TEST_MESSAGE(fmt::format("{}: {} waits, median {:.2f} ms, 95 % {:.2f} ms, longest {:.2f} ms", who, waits.size(),
                                 share(50), share(95), share(100)));
}

struct LivenessFixture : TempStore {
  // Environments that come and go without a pause, until told to stop.
  class Loopers {
   public:
    Loopers(LivenessFixture& fixture, unsigned count, const Sha256Digest& artifact) : rounds_(count), waits_(count) {
      for (unsigned i = 0; i < count; ++i) {
        threads_.emplace_back([this, &fixture, i, artifact] {
          const std::string target = fixture.dir / ("env" + std::to_string(i));
          while (!stop_) {
            static_cast<void>(lock_noting(fixture.store, LockMode::shared, waits_[i]));
            const Anchor anchor = fixture.make_rooted_directory(target, {artifact});
            fs::remove_all(target);
            retire_root(fixture.store, look_at_root(fixture.store, anchor));
            ++rounds_[i];
          }
        });
      }
    }
    ~Loopers() { static_cast<void>(stop()); }
    Loopers(const Loopers&) = delete;
    Loopers& operator=(const Loopers&) = delete;
    [[nodiscard]] std::uint64_t rounds() const {
      std::uint64_t sum = 0;
      for (const auto& one : rounds_) sum += one;
      return sum;
    }
    // What they waited, all together.
    [[nodiscard]] Waits stop() {
      stop_ = true;
      for (std::thread& thread : threads_) thread.join();
      threads_.clear();
      Waits all;
      for (const Waits& one : waits_) all.insert(all.end(), one.begin(), one.end());
      return all;
    }
    // Waits until each has made so many.
    void wait_for_each(std::uint64_t rounds) const {
      for (const auto& one : rounds_) {
        while (one < rounds) std::this_thread::yield();
      }
    }

   private:
    std::atomic<bool> stop_ = false;
    std::vector<std::atomic<std::uint64_t>> rounds_;
    std::vector<Waits> waits_;
    std::vector<std::thread> threads_;
  };

  Sha256Digest used = add("used", "1.0", {{"used.py", "used"}});
};

void collect_beside(unsigned loopers) {
  LivenessFixture fixture;
  fixture.make_rooted_directory(fixture.dir / "env", {fixture.used});
  Files files;
  for (std::size_t i = 0; i < kBatches * 512; ++i)
    files.emplace_back("m" + std::to_string(i), "garbage " + std::to_string(i));
  fixture.add("garbage", "1.0", files);
  LivenessFixture::Loopers creators(fixture, loopers, fixture.used);
  creators.wait_for_each(1);
  std::vector<std::uint64_t> rounds;  // of the creators, after each batch
  HookProgress progress;
  bool collecting = false;
  progress.on_phase = [&](std::string_view what) { collecting = what == "collecting"; };
  progress.on_advance = [&] {
    if (collecting) rounds.push_back(creators.rounds());
  };
  const auto start = std::chrono::steady_clock::now();
  const GcResult result = collect_garbage(fixture.store, {}, progress);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  BOOST_TEST(result.batches >= kBatches);
  BOOST_TEST(result.objects_removed >= kBatches * 512);
  BOOST_REQUIRE(!rounds.empty());
  BOOST_TEST(rounds.back() > rounds.front());  // they went on meanwhile
  BOOST_TEST(fixture.has_package(fixture.used));
  BOOST_TEST(fixture.has_content("used"));
  print_waits(fmt::format("{} creators beside a collection of {} batches in {:.2f} s", loopers, result.batches,
                          seconds.count()),
              creators.stop());
}

void create_beside_batches(unsigned loopers) {
  LivenessFixture fixture;
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> batches = 0;
  Waits collector_waits;
  std::thread collector([&] {
    while (!stop) {
      const FileLock lock = lock_noting(fixture.store, LockMode::exclusive, collector_waits);
      ++batches;
    }
  });
  {
    LivenessFixture::Loopers creators(fixture, loopers, fixture.used);
    creators.wait_for_each(20);
    const std::uint64_t before = batches;
    while (batches < before + 20) std::this_thread::yield();  // nor does the collector wait for ever
    print_waits(fmt::format("{} creators beside batch after batch", loopers), creators.stop());
  }
  stop = true;
  collector.join();
  print_waits(fmt::format("batches beside {} creators", loopers), collector_waits);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gc_liveness_tests)

BOOST_AUTO_TEST_CASE(a_collection_ends_while_creators_go_on) {
  for (const unsigned loopers : kLoopers) {
    BOOST_TEST_CONTEXT(loopers << " creators") { collect_beside(loopers); }
  }
}

BOOST_AUTO_TEST_CASE(creators_go_on_while_batch_follows_batch) {
  for (const unsigned loopers : kLoopers) {
    BOOST_TEST_CONTEXT(loopers << " creators") { create_beside_batches(loopers); }
  }
}

BOOST_AUTO_TEST_SUITE_END()
