// What is under way, and how it is said: the phase, and every package that is fetched or built just now.
//
// Knows no terminal and no clock: times are given to it. Not thread-safe but for the counters, which are atomic: whoever works counts
// without waiting for anybody.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/base/progress.hpp"

namespace cas {

using ProgressTime = std::chrono::steady_clock::time_point;

// Bytes a second, of the last seconds.
class ByteRate {
 public:
  // `bytes`: that had come by then. Fewer than before: it began anew.
  void sample(std::uint64_t bytes, ProgressTime now);
  [[nodiscard]] std::uint64_t per_second() const { return static_cast<std::uint64_t>(rate_); }

  explicit ByteRate(ProgressTime start) : last_(start) {}

 private:
  ProgressTime last_;
  std::uint64_t bytes_ = 0;
  double rate_ = 0;
  bool sampled_ = false;
};

struct PackageAtWork {
  PackageAtWork(PackageWork what, std::string_view name_given, std::uint64_t of_bytes, ProgressTime now);

  const PackageWork work;
  const std::string name;     // of printable ASCII
  const std::uint64_t bytes;  // of its file; 0: unknown
  const ProgressTime start;
  std::atomic<std::uint64_t> received{0}, spared{0};
  ByteRate rate;
};

class ProgressBoard {
 public:
  // As Progress has them.
  void phase(std::string_view what, std::uint64_t total, ProgressTime now);
  void downloads(std::size_t packages, std::uint64_t bytes, ProgressTime now);
  void advance(std::uint64_t count) { done_.fetch_add(count, std::memory_order_relaxed); }
  [[nodiscard]] std::shared_ptr<PackageAtWork> begin(PackageWork work, std::string_view name, std::uint64_t bytes,
                                                     ProgressTime now);
  // It is complete: returns a line that says so, "downloaded numpy 2.1.0, 16.4 MB in 812 ms".
  std::string finish(const PackageAtWork& package, ProgressTime now);
  // It was given up.
  void drop(const PackageAtWork& package);
  // Nothing is under way any more.
  void clear();

  // A line for each package and one for the phase, last, each at most `columns` wide; at most `rows`, the last of the packages being
  // counted only where there are too many. Rates follow from the times between the calls.
  [[nodiscard]] std::vector<std::string> lines(std::size_t columns, std::size_t rows, ProgressTime now);

 private:
  [[nodiscard]] std::string phase_line(ProgressTime now, std::size_t columns);
  [[nodiscard]] std::string downloads_line(ProgressTime now, std::size_t columns);

  std::vector<std::shared_ptr<PackageAtWork>> packages_;
  std::string what_;  // "": no phase
  std::uint64_t total_ = 0;
  ProgressTime start_{};
  std::atomic<std::uint64_t> done_{0};

  // Of a phase of downloads.
  bool downloads_ = false;
  std::size_t packages_wanted_ = 0, packages_done_ = 0;
  std::uint64_t received_ = 0, spared_ = 0;  // of those that are done
  ByteRate rate_{start_};
};

}  // namespace cas
