// Work on several threads, with the first error stopping all.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

namespace cas {

// The number of CPUs this process may use (its affinity mask), at least 1.
[[nodiscard]] unsigned available_cpus();

// Runs `work(worker, stop)` on `threads` threads and returns when all have ended. The caller's thread is
// worker 0. With two or more workers each is pinned to a CPU of its own while there are enough, because
// a short-lived thread otherwise often stays on the CPU of the one that started it; the caller's own
// affinity is restored. The first exception sets `stop`, which `work` must poll, and is rethrown here.
void run_workers(unsigned threads, const std::function<void(unsigned worker, const std::atomic<bool>& stop)>& work);

// Calls `work(i)` for every i in [0, count), on up to `threads` threads, started in ascending order.
// Stops early at the first exception, or at an interrupt, and rethrows it.
void parallel_for(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work);

}  // namespace cas
