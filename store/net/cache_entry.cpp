#include "store/net/cache_entry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "store/base/digest.hpp"

namespace cas {
namespace {

constexpr std::string_view kMagic = "cas-http-cache 1 ";
constexpr std::size_t kHeadBytes = kMagic.size() + 65;

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

// Takes the line "<name> <value>" off `rest`.
bool take_field(std::string_view& rest, std::string_view name, std::string_view& value) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos || !rest.starts_with(name) || end <= name.size() || rest[name.size()] != ' ')
    return false;
  value = rest.substr(name.size() + 1, end - name.size() - 1);
  rest.remove_prefix(end + 1);
  return value.find('\r') == std::string_view::npos;
}

bool take_field(std::string_view& rest, std::string_view name, std::string& value) {
  std::string_view text;
  if (!take_field(rest, name, text)) return false;
  value = text;
  return true;
}

// No sign, no leading zero: there is one form.
bool take_number(std::string_view& rest, std::string_view name, std::uint32_t& value) {
  std::string_view text;
  if (!take_field(rest, name, text)) return false;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc{} && end == text.data() + text.size() && (text.size() == 1 || text.front() != '0');
}

}  // namespace

std::string encode_cache_entry(const CacheEntry& entry) {
  const std::string rest =
      fmt::format("status {}\nfresh-for {}\nurl {}\ncontent-type {}\netag {}\nlast-modified {}\n\n{}", entry.status,
                  entry.fresh_for.count(), one_line(entry.url), one_line(entry.content_type), one_line(entry.etag),
                  one_line(entry.last_modified), entry.body);
  return fmt::format("{}{}\n{}", kMagic, sha256(rest).hex(), rest);
}

std::optional<CacheEntry> decode_cache_entry(std::string_view bytes) {
  if (bytes.size() < kHeadBytes || !bytes.starts_with(kMagic) || bytes[kHeadBytes - 1] != '\n') return std::nullopt;
  const std::string_view digest = bytes.substr(kMagic.size(), 64);
  std::string_view rest = bytes.substr(kHeadBytes);
  if (sha256(rest).hex() != digest) return std::nullopt;
  CacheEntry entry;
  std::uint32_t status = 0;
  std::uint32_t fresh_for = 0;
  if (!take_number(rest, "status", status) || (status != 200 && status != 404) ||
      !take_number(rest, "fresh-for", fresh_for) || !take_field(rest, "url", entry.url) ||
      !take_field(rest, "content-type", entry.content_type) || !take_field(rest, "etag", entry.etag) ||
      !take_field(rest, "last-modified", entry.last_modified) || !rest.starts_with('\n')) {
    return std::nullopt;
  }
  entry.status = static_cast<int>(status);
  entry.fresh_for = std::chrono::seconds(fresh_for);
  entry.body = rest.substr(1);
  return entry;
}

}  // namespace cas
