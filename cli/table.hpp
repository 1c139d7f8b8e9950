// Aligned text tables.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

enum class Align { left, right };

struct Column {
  std::string title;
  Align align = Align::left;
};

// Columns are two blanks apart; lines carry no trailing blanks. Width is counted in code points, which is right for
// everything but wide East Asian characters and combining marks.
class TextTable {
 public:
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // REQUIRES: as many cells as columns.
  void add_row(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // The title line and the rows, each ending in a newline.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Code points of UTF-8 text; bytes that are no UTF-8 count one each.
[[nodiscard]] std::size_t display_width(std::string_view text);

// `text` with its middle replaced by "…" so that it is at most `width` code points wide; unchanged if it fits.
[[nodiscard]] std::string elide_middle(std::string_view text, std::size_t width);

}  // namespace cas
