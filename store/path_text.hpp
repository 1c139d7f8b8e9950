// Paths in JSON: they are bytes, JSON is Unicode.
#pragma once

#include <string>

namespace cas {

// Bytes outside printable ASCII, '%', '"' and '\\' are written as "%XX".
[[nodiscard]] std::string escape_path(const std::string& path);
// Throws Corruption for what escape_path() does not write.
[[nodiscard]] std::string unescape_path(const std::string& text);

}  // namespace cas
