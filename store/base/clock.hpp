// The time of day, as records keep it.
#pragma once

#include <chrono>
#include <cstdint>

namespace cas {

// Seconds since 1970, UTC.
[[nodiscard]] inline std::uint64_t now_seconds() {
  return static_cast<std::uint64_t>(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
}

}  // namespace cas
