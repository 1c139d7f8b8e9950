#include "store/base/progress.hpp"

#include <atomic>

#include "store/base/error.hpp"

namespace cas {
namespace {

std::atomic<bool> interrupt_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");

}  // namespace

void request_interrupt() noexcept { interrupt_requested.store(true, std::memory_order_relaxed); }

void check_interrupt() {
  if (interrupt_requested.load(std::memory_order_relaxed)) throw Interrupted();
}

}  // namespace cas
