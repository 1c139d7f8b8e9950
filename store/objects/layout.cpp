#include "store/objects/layout.hpp"

#include <fmt/format.h>

#include <charconv>

namespace cas {

std::int64_t canonical_mtime(const Sha256Digest& digest) {
  constexpr std::int64_t kFirst = 631152000;               // 1990-01-01T00:00:00Z
  constexpr std::uint64_t kSpan = 1577836800 - 631152000;  // up to 2020-01-01T00:00:00Z
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = (value << 8) | digest.bytes[static_cast<std::size_t>(i)];
  return kFirst + static_cast<std::int64_t>(value % kSpan);
}

std::string segment_name(std::uint32_t number) { return fmt::format("{:08x}", number); }

std::optional<std::uint32_t> parse_segment_name(std::string_view name) {
  if (name.size() != 8) return std::nullopt;
  std::uint32_t number = 0;
  const auto result = std::from_chars(name.data(), name.data() + name.size(), number, 16);
  if (result.ec != std::errc() || result.ptr != name.data() + name.size()) return std::nullopt;
  if (segment_name(number) != name) return std::nullopt;
  return number;
}

std::string StoreLayout::segment(std::uint32_t number) const { return objects() + "/" + segment_name(number); }

std::string StoreLayout::object(std::uint32_t segment_number, const ObjectId& id) const {
  return segment(segment_number) + "/" + id.file_name();
}

std::vector<std::string> StoreLayout::own_directories() const {
  return {objects(),      manifests(), roots(),  history(), pins(),       running(),      staging(),
          interpreters(), tools(),     caches(), locks(),   quarantine(), linked_bases(), default_index()};
}

std::string StoreLayout::manifest(const Sha256Digest& digest) const { return manifests() + "/" + digest.hex(); }

}  // namespace cas
