// Words of text: blanks and case, human-readable sizes and durations, the nearest spelling of a word.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

// Without the characters of `blanks` at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text, std::string_view blanks);
// ASCII letters only: as file formats mean it.
[[nodiscard]] constexpr char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
[[nodiscard]] std::string lower_case(std::string_view text);

// "0 B", "999 B", "1.2 kB", "34.5 MB": powers of 1,000, three significant digits.
[[nodiscard]] std::string format_size(std::uint64_t bytes);

// Accepts "123", "10k", "1.5G", "200MiB", "3TB" (k, M, G, T: powers of 1,000; Ki, Mi, Gi, Ti: of 1,024; case
// of the letters does not matter). nullopt when it is not a size, or does not fit 64 bits.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

// Accepts "90s", "15m", "12h", "30d", "2w", and "0". nullopt when it is not a duration.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

// "0.3 ms", "12 ms", "3.4 s", "2 min 5 s", "3 h 10 min", "5 d".
[[nodiscard]] std::string format_duration(std::chrono::nanoseconds duration);

// The candidate with the smallest edit distance to `word`, if it is at most a third of the word's length + 1.
[[nodiscard]] std::optional<std::string> nearest_spelling(std::string_view word,
                                                          const std::vector<std::string_view>& candidates);

// ISO 8601 in UTC with seconds: "2024-05-01T12:00:00Z".
[[nodiscard]] std::string format_time(std::chrono::system_clock::time_point time);

}  // namespace cas
