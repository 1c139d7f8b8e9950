#include "cli/live_lines.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/table.hpp"

namespace cas {
namespace {

constexpr std::string_view kEraseBelow = "\x1b[J";
constexpr std::string_view kEraseRight = "\x1b[K";

}  // namespace

void LiveLines::draw(const std::vector<std::string>& lines, std::size_t columns) {
  if (lines.empty()) return erase(columns);
  std::string text = to_the_top(columns);
  widths_.clear();
  for (const std::string& line : lines) {
    // Erased behind and not before it is written, which would flicker.
    if (!widths_.empty()) text.append(kEraseRight).append("\r\n");
    text += line;
    widths_.push_back(display_width(line));
  }
  sink_(text.append(kEraseBelow));
}

void LiveLines::erase(std::size_t columns) {
  if (widths_.empty()) return;
  sink_(to_the_top(columns).append(kEraseBelow));
  widths_.clear();
}

std::string LiveLines::to_the_top(std::size_t columns) const {
  if (widths_.empty()) return {};
  std::size_t rows = 0;
  // A terminal that became narrower has broken them.
  for (const std::size_t width : widths_)
    rows += columns == 0 ? 1 : std::max<std::size_t>(1, (width + columns - 1) / columns);
  return rows == 1 ? "\r" : fmt::format("\r\x1b[{}A", rows - 1);
}

}  // namespace cas
