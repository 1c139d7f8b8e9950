#include "linker/direct_url.hpp"

#include <fmt/format.h>

namespace cas {
namespace {

// A URL and hexadecimal digits need no JSON escapes. "hash" is the old form of "hashes", still read by some.
std::string document(const std::string& url, const Sha256Digest& digest) {
  return fmt::format(R"({{"archive_info": {{"hash": "sha256={0}", "hashes": {{"sha256": "{0}"}}}}, "url": "{1}"}})",
                     digest.hex(), url);
}

}  // namespace

std::string archive_direct_url(std::string_view path, const Sha256Digest& digest) {
  return document(file_url(path), digest);
}

std::string archive_direct_url(const Url& url, const Sha256Digest& digest) { return document(url.text(), digest); }

}  // namespace cas
