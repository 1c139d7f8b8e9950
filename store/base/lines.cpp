#include "store/base/lines.hpp"

#include <algorithm>

#include "store/base/relpath.hpp"
#include "store/base/text.hpp"

namespace cas {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string joined_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::string printable_lines(std::string_view text) {
  std::string result;
  for (const std::string_view line : lines_of(trimmed(text, " \t\r\n"))) {
    result += (result.empty() ? "" : "\n  ") + printable(line);
  }
  return result;
}

}  // namespace cas
