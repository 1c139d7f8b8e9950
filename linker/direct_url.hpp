// direct_url.json: where a package came from that was not chosen by name from an index (PEP 610).
#pragma once

#include <string>
#include <string_view>

#include "store/base/digest.hpp"

namespace cas {

// For a wheel given as a local file. `path` is absolute and may hold any bytes but NUL.
[[nodiscard]] std::string archive_direct_url(std::string_view path, const Sha256Digest& digest);

// "file:///home/u/a%20b.whl" (RFC 8089).
[[nodiscard]] std::string file_url(std::string_view path);

}  // namespace cas
