// Fields of the store's own JSON files (anchors, pins), whose values nobody has looked at yet.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "store/base/digest.hpp"

namespace cas {

// 64 hexadecimal digits. Throws Corruption, or the library's exception where it is no text.
[[nodiscard]] Sha256Digest digest_field(const nlohmann::json& value);
// A whole number from 0. Throws Corruption: the library would make one of "1e99", and what comes of that is undefined.
[[nodiscard]] std::uint64_t number_field(const nlohmann::json& value);

}  // namespace cas
