// Lines at the end of a terminal's text that are written over in place.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

// Not thread-safe. The cursor stays visible, and stands at the end of the last line: whoever is killed leaves lines behind, but a
// terminal that works. Each call is one write.
class LiveLines {
 public:
  using Sink = std::function<void(std::string_view bytes)>;

  explicit LiveLines(Sink sink) : sink_(std::move(sink)) {}

  // Puts `lines` in the place of those before. `columns`: of the terminal now, which every line must fit.
  void draw(const std::vector<std::string>& lines, std::size_t columns);
  // Takes them away: the cursor stands where the first one began.
  void erase(std::size_t columns);

 private:
  [[nodiscard]] std::string to_the_top(std::size_t columns) const;

  Sink sink_;
  std::vector<std::size_t> widths_;  // of what is there
};

}  // namespace cas
