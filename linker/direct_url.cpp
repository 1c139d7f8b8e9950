#include "linker/direct_url.hpp"

#include <fmt/format.h>

namespace cas {

std::string file_url(std::string_view path) {
  constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string url = "file://";
  for (const char c : path) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      url += c;
    } else {
      url += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return url;
}

// A URL and hexadecimal digits need no JSON escapes. "hash" is the old form of "hashes", still read by some.
std::string archive_direct_url(std::string_view path, const Sha256Digest& digest) {
  const std::string hex = digest.hex();
  return fmt::format(R"({{"archive_info": {{"hash": "sha256={0}", "hashes": {{"sha256": "{0}"}}}}, "url": "{1}"}})",
                     hex, file_url(path));
}

}  // namespace cas
