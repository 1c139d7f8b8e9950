// Numbers and enumerations as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

// "1,014"
[[nodiscard]] std::string grouped(std::uint64_t number);

// "1 file", "1,014 files"; `plural` where it is not the word with an "s".
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view word, std::string_view plural = {});

// "a, b, c"
[[nodiscard]] std::string joined(const std::vector<std::string>& words, std::string_view separator = ", ");

// "5 d ago" for seconds since the epoch; "now" for times that have not come yet.
[[nodiscard]] std::string time_ago(std::int64_t seconds_since_epoch);

// ISO 8601, UTC; "" for 0.
[[nodiscard]] std::string time_text(std::int64_t seconds_since_epoch);

}  // namespace cas
