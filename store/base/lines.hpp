// Text in lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cas {

// Ended by "\n", which is left out; what follows the last one is a line unless it is empty.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);
// Each with its "\n".
[[nodiscard]] std::string joined_lines(const std::vector<std::string>& lines);

// What a program printed, for a message: every line printable(), all but the first indented by two blanks; without blanks at both ends.
[[nodiscard]] std::string printable_lines(std::string_view text);

}  // namespace cas
