// Reading direct_url.json (PEP 610), whoever wrote it.
#pragma once

#include <optional>
#include <string_view>

#include "linker/installed/distribution.hpp"

namespace cas {

// nullopt: not such a document, or one with blanks or control characters, which are in no URL and
// could pass for options or lines of their own in a requirement.
[[nodiscard]] std::optional<DirectUrl> parse_direct_url(std::string_view text);

}  // namespace cas
