// Until when work may go on that can be stopped between two steps.
#pragma once

#include <chrono>
#include <optional>

namespace cas {

class Deadline {
 public:
  // nullopt: none, it never passes.
  explicit Deadline(std::optional<std::chrono::milliseconds> allowed) {
    if (allowed) end_ = std::chrono::steady_clock::now() + *allowed;
  }
  [[nodiscard]] bool passed() const { return end_ && std::chrono::steady_clock::now() >= *end_; }

 private:
  std::optional<std::chrono::steady_clock::time_point> end_;
};

}  // namespace cas
