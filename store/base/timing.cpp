#include "store/base/timing.hpp"

namespace cas {
namespace {

std::vector<TimingEntry>& entries() {
  static std::vector<TimingEntry> list;
  return list;
}

int current_depth = 0;

}  // namespace

Timer::Timer(std::string_view name) : index_(entries().size()), start_(std::chrono::steady_clock::now()) {
  entries().push_back({std::string(name), current_depth++, {}});
}

Timer::~Timer() {
  --current_depth;
  entries()[index_].wall = std::chrono::steady_clock::now() - start_;
}

const std::vector<TimingEntry>& timings() { return entries(); }

}  // namespace cas
