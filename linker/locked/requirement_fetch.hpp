// Requirement files that do not lie on this machine's disk: what `-r` and `-c` may name besides a path, as with pip.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace cas {

inline constexpr std::size_t kMaxRequirementFileBytes = std::size_t{16} << 20;

// The text at an http or https URL. Throws NotFound when `offline`, and what the client throws.
[[nodiscard]] std::string fetch_requirement_file(const std::string& url, const std::vector<std::string>& allow_insecure,
                                                 bool offline);

}  // namespace cas
