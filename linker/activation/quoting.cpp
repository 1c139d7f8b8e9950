#include "linker/activation/quoting.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>

#include "store/base/relpath.hpp"

namespace cas {
namespace {

// The code point at the start of `text` and its length in bytes; nullopt: not UTF-8.
struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;
};

std::optional<CodePoint> first_code_point(std::string_view text) {
  for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
    if (!is_valid_utf8(text.substr(0, length))) continue;
    constexpr std::array<unsigned, 5> kBitsOfFirst = {0, 0x7F, 0x1F, 0x0F, 0x07};
    char32_t value = static_cast<unsigned char>(text.front()) & kBitsOfFirst.at(length);
    for (const char c : text.substr(1, length - 1)) value = (value << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
    return CodePoint{value, length};
  }
  return std::nullopt;
}

// With `before` in front of every character of `special`.
std::string single_quoted(std::string_view text, std::string_view special, std::string_view before) {
  std::string word = "'";
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) word += before;
    word += c;
  }
  return word + "'";
}

}  // namespace

std::string posix_quoted(std::string_view text) {
  std::string word = "'";
  for (const char c : text) c == '\'' ? word += "'\\''" : word += c;
  return word + "'";
}

std::string fish_quoted(std::string_view text) { return single_quoted(text, "'\\", "\\"); }

std::string csh_quoted(std::string_view text) {
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
      continue;
    }
    if (c == '!' || c == '\n') word += '\\';
    word += c;
  }
  return word + "'";
}

std::string powershell_quoted(std::string_view text) {
  if (!is_valid_utf8(text)) return "''";
  std::string word = "'";
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = first_code_point(text.substr(i))->length;
    const std::string_view character = text.substr(i, length);
    // PowerShell takes the typographic ones (U+2018 to U+201B) for the plain one.
    if (character == "'" || (character >= "\u2018" && character <= "\u201B")) word += character;
    word += character;
    i += length;
  }
  return word + "'";
}

std::string nushell_quoted(std::string_view text) {
  if (!is_valid_utf8(text)) return "\"\"";
  std::string word = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      word += '\\';
      word += c;
    } else if (byte < ' ' || byte == 0x7F) {
      word += fmt::format("\\u{{{:x}}}", byte);
    } else {
      word += c;
    }
  }
  return word + "\"";
}

std::string python_quoted(std::string_view text) {
  std::string word = "'";
  for (std::size_t i = 0; i < text.size();) {
    const auto point = first_code_point(text.substr(i));
    // As os.fsdecode() does it.
    const char32_t value = point ? point->value : 0xDC00 + static_cast<unsigned char>(text[i]);
    if (value == '\'' || value == '\\') {
      word += '\\';
      word += static_cast<char>(value);
    } else if (value >= ' ' && value <= '~') {
      word += static_cast<char>(value);
    } else if (value <= 0xFFFF) {
      word += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(value));
    } else {
      word += fmt::format("\\U{:08x}", static_cast<std::uint32_t>(value));
    }
    i += point ? point->length : 1;
  }
  return word + "'";
}

}  // namespace cas
