#include "store/base/pool.hpp"

#include <pthread.h>
#include <sched.h>

#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "store/base/progress.hpp"

namespace cas {
namespace {

std::vector<int> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  // Fails on machines with more CPUs than a static set holds: then nothing is pinned.
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

void pin_this_thread(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);  // only a hint: failing costs speed alone
}

class RestoreAffinity {
 public:
  RestoreAffinity() { saved_ = pthread_getaffinity_np(pthread_self(), sizeof set_, &set_) == 0; }
  ~RestoreAffinity() {
    if (saved_) pthread_setaffinity_np(pthread_self(), sizeof set_, &set_);
  }
  RestoreAffinity(const RestoreAffinity&) = delete;
  RestoreAffinity& operator=(const RestoreAffinity&) = delete;

 private:
  cpu_set_t set_{};
  bool saved_ = false;
};

}  // namespace

unsigned available_cpus() {
  const auto cpus = allowed_cpus();
  if (!cpus.empty()) return static_cast<unsigned>(cpus.size());
  const unsigned hardware = std::thread::hardware_concurrency();
  return hardware == 0 ? 1 : hardware;
}

void run_workers(unsigned threads, const std::function<void(unsigned, const std::atomic<bool>&)>& work) {
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::exception_ptr first_error;

  const auto guarded = [&](unsigned worker) {
    try {
      work(worker, stop);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!first_error) first_error = std::current_exception();
      stop.store(true, std::memory_order_relaxed);
    }
  };

  if (threads <= 1) {
    guarded(0);
  } else {
    const auto cpus = allowed_cpus();
    const bool pin = cpus.size() >= threads;
    const RestoreAffinity restore;
    std::vector<std::jthread> helpers;
    helpers.reserve(threads - 1);
    for (unsigned worker = 1; worker < threads; ++worker) {
      helpers.emplace_back([&, worker] {
        if (pin) pin_this_thread(cpus[worker]);
        guarded(worker);
      });
    }
    if (pin) pin_this_thread(cpus[0]);
    guarded(0);
    helpers.clear();  // joins
  }
  if (first_error) std::rethrow_exception(first_error);
}

void parallel_for(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  const auto most = static_cast<unsigned>(std::min<std::size_t>(threads, count));
  run_workers(most, [&](unsigned, const std::atomic<bool>& stop) {
    while (!stop.load(std::memory_order_relaxed)) {
      const std::size_t i = next.fetch_add(1, std::memory_order_relaxed);
      if (i >= count) return;
      check_interrupt();
      work(i);
    }
  });
}

}  // namespace cas
