// The headers of METADATA and WHEEL: lines of `Name: value` in the style of e-mail (PyPA "Core metadata").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cas {

class MetadataHeaders {
 public:
  // Reads up to the first empty line. Lines end in LF or CRLF; a line that begins with a blank continues the
  // one before; a byte order mark in front is passed over. As Python's e-mail parser does, headers also end
  // at a line that is none (`stray_line`). Throws InvalidInput naming `file` where the headers are not
  // UTF-8, hold a NUL, or begin with a continuation.
  static MetadataHeaders parse(std::string_view text, std::string_view file);

  // Names are compared without regard to case. Values have no blanks around them; continuations are joined
  // by one blank.
  [[nodiscard]] std::optional<std::string_view> first(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;

  // The line at which reading stopped because it is no header.
  [[nodiscard]] const std::optional<std::string>& stray_line() const { return stray_line_; }

 private:
  std::vector<std::pair<std::string, std::string>> headers_;  // names in lower case
  std::optional<std::string> stray_line_;
};

}  // namespace cas
