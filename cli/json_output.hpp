// The documents that --json prints. docs/json.md says what is in them.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace cas {

using Json = nlohmann::ordered_json;

inline constexpr int kJsonFormat = 1;

// {"format": 1, "command": "<command>"}: every document starts so.
[[nodiscard]] Json json_document(std::string_view command);

// The document's text, indented, with a newline at the end. Bytes that are no UTF-8 (a path may hold any) become U+FFFD.
[[nodiscard]] std::string json_text(const Json& document);

// Seconds since the epoch as ISO 8601 in UTC; null for 0.
[[nodiscard]] Json json_time(std::int64_t seconds_since_epoch);

// {"kind": …, "message": …, "hint": … or null}
[[nodiscard]] Json json_error(std::string_view kind, std::string_view message, std::string_view hint);

}  // namespace cas
