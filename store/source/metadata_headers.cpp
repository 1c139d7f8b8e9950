#include "store/source/metadata_headers.hpp"

#include <algorithm>

#include "store/base/text.hpp"
#include "store/source/fault.hpp"

namespace cas {
namespace {

constexpr std::string_view kBlanks = " \t";

// RFC 5322: printable ASCII without ':'.
bool is_header_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

MetadataHeaders MetadataHeaders::parse(std::string_view text, std::string_view file) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  MetadataHeaders result;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) break;
    if (!is_valid_utf8(line)) throw_fault(file, "its headers are not valid UTF-8");
    if (line.find('\0') != std::string_view::npos) throw_fault(file, "its headers contain a NUL");
    if (line.front() == ' ' || line.front() == '\t') {
      if (result.headers_.empty()) throw_fault(file, "begins with a continuation line");
      std::string& value = result.headers_.back().second;
      const std::string_view more = trimmed(line, kBlanks);
      if (!value.empty() && !more.empty()) value += ' ';
      value += more;
      continue;
    }
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == std::string_view::npos || !is_header_name(name)) {
      result.stray_line_ = std::string(line);
      break;
    }
    result.headers_.emplace_back(lower_case(name), trimmed(line.substr(colon + 1), kBlanks));
  }
  return result;
}

std::optional<std::string_view> MetadataHeaders::first(std::string_view name) const {
  const std::string wanted = lower_case(name);
  for (const auto& [key, value] : headers_) {
    if (key == wanted) return value;
  }
  return std::nullopt;
}

std::vector<std::string> MetadataHeaders::all(std::string_view name) const {
  const std::string wanted = lower_case(name);
  std::vector<std::string> values;
  for (const auto& [key, value] : headers_) {
    if (key == wanted) values.push_back(value);
  }
  return values;
}

}  // namespace cas
