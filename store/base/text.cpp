#include "store/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace cas {
namespace {

constexpr std::uint64_t kMostU64 = std::numeric_limits<std::uint64_t>::max();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes the decimal digits in front of `text` away. nullopt: there are none, or too many for 64 bits.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// "", "b", "k", "kb", "ki", "kib", … nullopt: not a unit.
std::optional<std::uint64_t> size_unit(std::string_view text) {
  std::string unit = lower_case(text);
  if (!unit.empty() && unit.back() == 'b') unit.pop_back();
  if (unit.empty()) return 1;
  const std::size_t power = std::string_view("kmgt").find(unit[0]);
  if (power == std::string_view::npos) return std::nullopt;
  std::uint64_t step = 1000;
  if (unit.size() == 2 && unit[1] == 'i') {
    step = 1024;
  } else if (unit.size() != 1) {
    return std::nullopt;
  }
  std::uint64_t factor = 1;
  for (std::size_t i = 0; i <= power; ++i) factor *= step;
  return factor;
}

std::optional<std::uint64_t> checked_product(std::uint64_t a, std::uint64_t b) {
  if (b != 0 && a > kMostU64 / b) return std::nullopt;
  return a * b;
}

// Insertions, deletions, replacements, and exchanges of two neighbours (the commonest slip of a typist).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string_view trimmed(std::string_view text, std::string_view blanks) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower_case(c);
  return result;
}

std::string format_size(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  constexpr const char* kUnits[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
  std::uint64_t unit = 1000;
  std::size_t index = 0;
  // 999,950 is "1.0 MB", not "1000 kB": whatever rounds to 1,000 or more takes the next unit.
  while (bytes / unit >= 1000 || (bytes / unit == 999 && bytes % unit >= unit / 2)) {
    unit *= 1000;
    ++index;
  }
  // Rounded in integers, half up: a double has too few digits for the largest.
  const std::uint64_t tenth = unit / 10;
  const std::uint64_t tenths = bytes / tenth + (bytes % tenth >= tenth / 2 ? 1 : 0);
  if (tenths < 1000) return fmt::format("{}.{} {}", tenths / 10, tenths % 10, kUnits[index]);
  return fmt::format("{} {}", bytes / unit + (bytes % unit >= unit / 2 ? 1 : 0), kUnits[index]);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  // Six digits keep fraction * 1 TiB below 2^64; further ones are read and dropped.
  constexpr std::uint64_t kMostScale = 1'000'000;
  const auto whole = take_number(text);
  if (!whole) return std::nullopt;
  std::uint64_t fraction = 0;
  std::uint64_t scale = 1;
  bool has_fraction = false;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    while (!text.empty() && is_digit(text.front())) {
      if (scale < kMostScale) {
        fraction = fraction * 10 + static_cast<std::uint64_t>(text.front() - '0');
        scale *= 10;
      }
      text.remove_prefix(1);
      has_fraction = true;
    }
    if (!has_fraction) return std::nullopt;
  }
  const auto unit = size_unit(text);
  if (!unit || (has_fraction && *unit == 1)) return std::nullopt;  // there are no parts of a byte
  const auto bytes = checked_product(*whole, *unit);
  if (!bytes) return std::nullopt;
  const std::uint64_t part = fraction * *unit / scale;
  if (*bytes > kMostU64 - part) return std::nullopt;
  return *bytes + part;
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  const auto count = take_number(text);
  if (!count) return std::nullopt;
  if (text.empty()) return *count == 0 ? std::optional(std::chrono::seconds{0}) : std::nullopt;
  if (text.size() != 1) return std::nullopt;
  std::uint64_t unit = 0;
  switch (text.front()) {
    case 's':
      unit = 1;
      break;
    case 'm':
      unit = 60;
      break;
    case 'h':
      unit = 3600;
      break;
    case 'd':
      unit = 86'400;
      break;
    case 'w':
      unit = 604'800;
      break;
    default:
      return std::nullopt;
  }
  // Clocks count nanoseconds in 64 bits: more than some 292 years could not be subtracted from one.
  constexpr auto kMost = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::nanoseconds::max()).count();
  const auto seconds = checked_product(*count, unit);
  if (!seconds || *seconds > static_cast<std::uint64_t>(kMost)) return std::nullopt;
  return std::chrono::seconds{*seconds};
}

std::string format_duration(std::chrono::nanoseconds duration) {
  using std::chrono::round;
  if (duration < duration.zero()) duration = duration.zero();  // a clock was set back: no time is known to have passed

  // Rounded first, and only then compared: 59.96 s is "1 min 0 s", not "60.0 s".
  const auto hundred_microseconds = (round<std::chrono::microseconds>(duration).count() + 50) / 100;
  if (hundred_microseconds < 100) return fmt::format("{}.{} ms", hundred_microseconds / 10, hundred_microseconds % 10);
  const auto milliseconds = round<std::chrono::milliseconds>(duration).count();
  if (milliseconds < 1000) return fmt::format("{} ms", milliseconds);
  const auto tenths = (milliseconds + 50) / 100;
  if (tenths < 600) return fmt::format("{}.{} s", tenths / 10, tenths % 10);
  const auto seconds = round<std::chrono::seconds>(duration).count();
  if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  const auto minutes = round<std::chrono::minutes>(duration).count();
  if (minutes < 24 * 60) return fmt::format("{} h {} min", minutes / 60, minutes % 60);
  return fmt::format("{} d", round<std::chrono::days>(duration).count());
}

std::optional<std::string> nearest_spelling(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::size_t best = word.size() / 3 + 1;
  std::optional<std::string> nearest;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (nearest ? distance < best : distance <= best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string format_time(std::chrono::system_clock::time_point time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

}  // namespace cas
