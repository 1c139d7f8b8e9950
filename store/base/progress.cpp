#include "store/base/progress.hpp"

#include <atomic>

#include "store/base/error.hpp"

namespace cas {
namespace {

std::atomic<bool> interrupt_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");

class SilentPackage final : public PackageProgress {
 public:
  void received(std::uint64_t) override {}
  void restart() override {}
  void spared(std::uint64_t) override {}
  void done() override {}
};

}  // namespace

std::unique_ptr<PackageProgress> SilentProgress::begin(PackageWork, std::string_view, std::uint64_t) {
  return std::make_unique<SilentPackage>();
}

void request_interrupt() noexcept { interrupt_requested.store(true, std::memory_order_relaxed); }

void check_interrupt() {
  if (interrupt_requested.load(std::memory_order_relaxed)) throw Interrupted();
}

}  // namespace cas
