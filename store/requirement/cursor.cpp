#include "store/requirement/cursor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

bool is_word_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

}  // namespace

Cursor::Cursor(std::string_view what, std::string_view text) : what_(what), text_(text) {
  if (text.size() > kMaxBytes) {
    throw UsageError(fmt::format("{} '{}' has {} bytes, more than {}", what, printable(text), text.size(), kMaxBytes));
  }
  const auto control = std::find_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
  if (control != text.end()) {
    fail(static_cast<std::size_t>(control - text.begin()), "a control character has no place here");
  }
}

bool Cursor::skip_blanks() {
  const std::size_t before = position_;
  while (peek() == ' ' || peek() == '\t') ++position_;
  return position_ > before;
}

bool Cursor::take(std::string_view token) {
  if (!rest().starts_with(token)) return false;
  position_ += token.size();
  return true;
}

bool Cursor::take_word(std::string_view word) {
  const std::string_view here = rest();
  if (!here.starts_with(word) || (here.size() > word.size() && is_word_character(here[word.size()]))) return false;
  position_ += word.size();
  return true;
}

std::string_view Cursor::take_until(std::string_view ends) {
  const std::string_view found = rest().substr(0, rest().find_first_of(ends));
  position_ += found.size();
  return found;
}

void Cursor::fail_expected(std::string_view expected, std::string hint) const {
  if (at_end()) fail(position_, fmt::format("expected {}, not the end", expected), std::move(hint));
  // A whole character, which may have several bytes.
  std::size_t length = 1;
  while (length < rest().size() && (static_cast<unsigned char>(rest()[length]) & 0xC0) == 0x80) ++length;
  fail(position_, fmt::format("expected {}, not '{}'", expected, printable(rest().substr(0, length))), std::move(hint));
}

void Cursor::fail(std::size_t position, std::string_view problem, std::string hint) const {
  // Columns count characters, not bytes.
  const std::string_view before = text_.substr(0, position);
  const auto column = 1 + std::count_if(before.begin(), before.end(),
                                        [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  throw UsageError(fmt::format("{} '{}', column {}: {}", what_, printable(text_), column, problem), std::move(hint));
}

}  // namespace cas
