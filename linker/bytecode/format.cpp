#include "linker/bytecode/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cas {
namespace {

constexpr std::size_t kMagicDigits = 8;

void append_little_endian(std::string& text, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) text += static_cast<char>((value >> shift) & 0xFF);
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

// The tag becomes part of file names.
bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '+';
  });
}

}  // namespace

std::string bytecode_identity(const BytecodeFormat& format) {
  return fmt::format("{} {} {} {} 0", format.implementation, format.cache_tag, format.magic, format.header_bytes);
}

std::optional<BytecodeFormat> parse_bytecode_identity(std::string_view identity) {
  const std::string_view whole = identity;
  std::array<std::string_view, 5> words;
  for (std::string_view& word : words) {
    const std::size_t space = identity.find(' ');
    word = identity.substr(0, space);
    identity.remove_prefix(space == std::string_view::npos ? identity.size() : space + 1);
  }
  const bool magic = words[2].size() == kMagicDigits &&
                     std::ranges::all_of(words[2], [](char digit) { return hex_value(digit) >= 0; });
  if (!identity.empty() || !is_word(words[0]) || !is_word(words[1]) || !magic || words[4] != "0") return std::nullopt;
  if (words[3] != "12" && words[3] != "16") return std::nullopt;
  BytecodeFormat format{std::string(words[0]), std::string(words[1]), std::string(words[2]),
                        words[3] == "12" ? 12U : 16U};
  if (bytecode_identity(format) != whole) return std::nullopt;
  return format;
}

std::string bytecode_header(const BytecodeFormat& format, std::int64_t mtime, std::uint64_t size) {
  std::string header;
  for (std::size_t i = 0; i + 1 < format.magic.size(); i += 2) {
    header += static_cast<char>(hex_value(format.magic[i]) * 16 + hex_value(format.magic[i + 1]));
  }
  if (format.header_bytes == 16) append_little_endian(header, 0);  // flags: time and size decide
  append_little_endian(header, static_cast<std::uint32_t>(mtime));
  append_little_endian(header, static_cast<std::uint32_t>(size));
  return header;
}

}  // namespace cas
