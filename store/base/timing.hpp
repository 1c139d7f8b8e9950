// Where the time goes, from the first day: `cas --timings` prints the steps of a command.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

struct TimingEntry {
  std::string name;
  int depth = 0;
  std::chrono::nanoseconds wall{};
};

// Measures the scope it lives in. Costs two clock readings; entries are kept only for the main thread of
// the command, so Timer must not be used in worker threads.
class Timer {
 public:
  explicit Timer(std::string_view name);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 private:
  std::size_t index_;
  std::chrono::steady_clock::time_point start_;
};

// The steps so far, in the order in which they began.
[[nodiscard]] const std::vector<TimingEntry>& timings();

}  // namespace cas
