// Requirement files that do not lie on this machine's disk: what `-r` and `-c` may name besides a path, as with pip.
#pragma once

#include <cstddef>
#include <string>

#include "linker/locked/package_network.hpp"

namespace cas {

inline constexpr std::size_t kMaxRequirementFileBytes = std::size_t{16} << 20;

// The text at an http or https URL, asked for as packages are: with the certificates, the proxy, the patience and the passwords of the indexes. Throws NotFound
// where the network may not be asked, and what the client throws.
[[nodiscard]] std::string fetch_requirement_file(const std::string& url, const NetworkOptions& network);

}  // namespace cas
