// A requirement file's bytes as lines: encoding, continuations, comments, environment variables, in pip's order.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

// What an environment variable holds; nullopt: it is not set.
using VariableLookup = std::function<std::optional<std::string>(const std::string& name)>;

struct LogicalLine {
  std::size_t number = 0;  // of its first physical line, from 1
  std::string text;        // without comment, not empty, no white space at its ends
};

inline constexpr std::size_t kMaxLogicalLineBytes = 1'048'576;

// As UTF-8: a byte order mark tells (UTF-8, -16, -32), else "coding: NAME" in a comment that is one of the first two
// lines, else it is UTF-8 already. Throws UsageError where the bytes are not in that encoding, or it is unknown.
[[nodiscard]] std::string decode_requirement_file(std::string_view bytes);

// Lines that end in "\" are joined with the next, comments ("#" in front or after white space) dropped, and
// ${NAME} (upper case, digits, "_") replaced where `variable` has a value that is not empty.
// Throws UsageError where a line grows beyond kMaxLogicalLineBytes.
[[nodiscard]] std::vector<LogicalLine> logical_lines(std::string_view text, const VariableLookup& variable);

}  // namespace cas
