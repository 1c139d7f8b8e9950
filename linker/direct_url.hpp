// direct_url.json: where a package came from that was not chosen by name from an index (PEP 610).
#pragma once

#include <string>
#include <string_view>

#include "store/base/digest.hpp"
#include "store/net/url.hpp"

namespace cas {

// For a wheel given as a local file. `path` is absolute and may hold any bytes but NUL.
[[nodiscard]] std::string archive_direct_url(std::string_view path, const Sha256Digest& digest);
// For one given by its URL; without credentials, which are nobody else's business.
[[nodiscard]] std::string archive_direct_url(const Url& url, const Sha256Digest& digest);

}  // namespace cas
