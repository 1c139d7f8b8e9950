// Reading direct_url.json (PEP 610), whoever wrote it.
#pragma once

#include <optional>
#include <string_view>

#include "linker/installed/distribution.hpp"

namespace cas {

// nullopt: not such a document, or one with control characters, which could pass for lines of their own where it is shown.
[[nodiscard]] std::optional<DirectUrl> parse_direct_url(std::string_view text);

}  // namespace cas
