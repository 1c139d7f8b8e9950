#include "store/base/toml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

// Every part of a dotted key is a table in a table: of a hundred thousand the library's recursion overflows the stack.
constexpr int kMostKeyParts = 128;

// The text without its strings and comments, character by character.
class Outline {
 public:
  explicit Outline(std::string_view text) : text_(text) {}

  // nullopt: the end.
  std::optional<char> next() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == '"' || c == '\'') {
        skip_string(c);
      } else {
        ++at_;
        return c;
      }
    }
    return std::nullopt;
  }

 private:
  void skip_string(char quote) {
    const std::string triple(3, quote);
    const bool lines = text_.substr(at_).starts_with(triple);
    at_ += lines ? 3 : 1;
    while (at_ < text_.size()) {
      const std::string_view rest = text_.substr(at_);
      if (quote == '"' && rest.front() == '\\') {
        at_ += std::min<std::size_t>(2, rest.size());
      } else if (lines && rest.starts_with(triple)) {
        at_ = std::min(text_.find_first_not_of(quote, at_), text_.size());  // it may end with quotes of its own
        return;
      } else {
        ++at_;
        if (!lines && (rest.front() == quote || rest.front() == '\n')) return;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

void refuse_deep_keys(std::string_view text, std::string_view place) {
  Outline outline(text);
  int parts = 1;
  while (const auto c = outline.next()) {
    if (*c == '.' && ++parts > kMostKeyParts) {
      throw InvalidInput(
          fmt::format("{}: not TOML that is read here: a key has more than {} parts", place, kMostKeyParts));
    }
    if (*c == '\n' || *c == '=' || *c == ',' || *c == '{' || *c == '[') parts = 1;
  }
}

}  // namespace

void toml_assertion_failed(const char* what) { throw std::logic_error(what); }

toml::table parse_toml(std::string_view text, std::string_view place) {
  refuse_deep_keys(text, place);
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw InvalidInput(
        fmt::format("{}:{}: not TOML: {}", place, error.source().begin.line, printable(error.description())));
  } catch (const std::logic_error&) {
    throw InvalidInput(fmt::format("{}: not TOML: a value is not closed, or no value at all", place));
  }
}

}  // namespace cas
