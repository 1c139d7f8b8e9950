// Reads a one-line grammar from left to right. Faults name the column and what was expected there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cas {

class Cursor {
 public:
  // Far beyond what anyone writes; lock files' generators write markers of some kilobytes.
  static constexpr std::size_t kMaxBytes = 65'536;

  // `what` begins the messages: "requirement", "marker". Throws UsageError where `text` is longer than kMaxBytes or
  // holds control characters other than tabs. `text` must outlive the cursor.
  Cursor(std::string_view what, std::string_view text);

  [[nodiscard]] bool at_end() const { return position_ == text_.size(); }
  // The next character; '\0' at the end.
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[position_]; }
  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] std::string_view rest() const { return text_.substr(position_); }

  void skip(std::size_t count) { position_ += count; }
  // Blanks and tabs. false: there were none.
  bool skip_blanks();
  bool take(std::string_view token);
  // As take(), where no letter, digit or "_" follows.
  bool take_word(std::string_view word);
  // Everything up to the first of `ends`, or to the end.
  [[nodiscard]] std::string_view take_until(std::string_view ends);

  // "requirement 'foo >> 1', column 5: expected <expected>, not '>'".
  [[noreturn]] void fail_expected(std::string_view expected, std::string hint = {}) const;
  // "requirement 'foo >> 1', column 5: <problem>"; `position` counts bytes from 0.
  [[noreturn]] void fail(std::size_t position, std::string_view problem, std::string hint = {}) const;

 private:
  std::string_view what_;
  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace cas
