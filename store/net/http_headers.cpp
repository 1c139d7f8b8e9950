#include "store/net/http_headers.hpp"

#include <algorithm>
#include <charconv>

#include "store/base/text.hpp"

namespace cas {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

// Takes a decimal number off `text`. nullopt: there is none, or it does not fit.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// More than this many seconds is as good as for ever, and can be added to a time without overflow.
constexpr std::uint64_t kMostSeconds = 1ULL << 31;

}  // namespace

void HttpHeaders::add_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  // A blank before the colon is how answers are smuggled past one of two parsers (RFC 9112, 5.1).
  if (colon == std::string_view::npos || colon == 0 ||
      line.substr(0, colon).find_first_of(kBlanks) != std::string_view::npos)
    return;
  add(line.substr(0, colon), line.substr(colon + 1));
}

void HttpHeaders::add(std::string_view name, std::string_view value) {
  fields_.emplace_back(lower_case(name), std::string(trimmed(value, kBlanks)));
}

std::optional<std::string_view> HttpHeaders::first(std::string_view lower_case_name) const {
  for (const auto& [name, value] : fields_) {
    if (name == lower_case_name) return value;
  }
  return std::nullopt;
}

std::string HttpHeaders::joined(std::string_view lower_case_name) const {
  std::string all;
  for (const auto& [name, value] : fields_) {
    if (name != lower_case_name) continue;
    if (!all.empty()) all += ", ";
    all += value;
  }
  return all;
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
  text = trimmed(text, kBlanks);
  if (lower_case(text.substr(0, 6)) != "bytes ") return std::nullopt;
  text.remove_prefix(6);
  ContentRange range;
  const auto first = take_number(text);
  if (!first || !take(text, '-')) return std::nullopt;
  const auto last = take_number(text);
  if (!last || !take(text, '/')) return std::nullopt;
  range.first = *first;
  range.last = *last;
  if (text != "*") {
    range.total = take_number(text);
    if (!range.total || !text.empty() || range.last >= *range.total) return std::nullopt;
  }
  if (range.first > range.last) return std::nullopt;
  return range;
}

CacheControl parse_cache_control(std::string_view text) {
  CacheControl control;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view directive = trimmed(text.substr(0, comma), kBlanks);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const std::size_t equals = std::min(directive.find('='), directive.size());
    const std::string name = lower_case(trimmed(directive.substr(0, equals), kBlanks));
    if (name == "no-store") control.no_store = true;
    if (name == "no-cache") control.no_cache = true;
    if (name == "max-age" && equals < directive.size()) {
      std::string_view value = trimmed(directive.substr(equals + 1), " \t\"");
      const auto seconds = take_number(value);
      // What cannot be read counts as stale.
      control.max_age = std::chrono::seconds(seconds && value.empty() ? std::min(*seconds, kMostSeconds) : 0);
    }
  }
  return control;
}

std::string media_type(std::string_view content_type) {
  return lower_case(trimmed(content_type.substr(0, content_type.find(';')), kBlanks));
}

std::string validator_of(const HttpHeaders& headers) {
  const auto etag = headers.first("etag");
  if (etag) return is_strong_etag(*etag) ? std::string(*etag) : std::string();
  return std::string(headers.first("last-modified").value_or(""));
}

bool is_strong_etag(std::string_view etag) { return etag.size() >= 2 && etag.front() == '"' && etag.back() == '"'; }

}  // namespace cas
