#include "cli/words.hpp"

#include <chrono>

#include "store/base/text.hpp"

namespace cas {

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t place = digits.size(); place > 3; place -= 3) digits.insert(place - 3, 1, ',');
  return digits;
}

std::string counted(std::uint64_t number, std::string_view word, std::string_view plural) {
  std::string text = grouped(number) + " ";
  if (number != 1 && !plural.empty()) return text.append(plural);
  text.append(word);
  if (number != 1) text += 's';
  return text;
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += separator;
    text += word;
  }
  return text;
}

std::string time_ago(std::int64_t seconds_since_epoch) {
  using Clock = std::chrono::system_clock;
  const auto age = Clock::now() - Clock::time_point(std::chrono::seconds{seconds_since_epoch});
  const auto seconds = std::chrono::floor<std::chrono::seconds>(age);
  if (seconds.count() <= 0) return "now";
  if (seconds.count() < 60) return std::to_string(seconds.count()) + " s ago";
  return format_duration(seconds) + " ago";
}

std::string time_text(std::int64_t seconds_since_epoch) {
  if (seconds_since_epoch == 0) return {};
  return format_time(std::chrono::system_clock::time_point(std::chrono::seconds{seconds_since_epoch}));
}

}  // namespace cas
