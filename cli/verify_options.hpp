// How thoroughly something is checked, as `cas verify` and `cas repair` take it.
#pragma once

#include <string_view>

#include "cli/options.hpp"
#include "store/verify.hpp"

namespace cas {

// Of --scrub and --contents. Throws UsageError where both are there.
[[nodiscard]] VerifyDepth read_verify_depth(const Arguments& arguments);
// "metadata", "scrub", "contents".
[[nodiscard]] std::string_view depth_name(VerifyDepth depth);

// --sample SHARE and --max-duration TIME. Throws UsageError.
[[nodiscard]] VerifyShare read_sample(const Arguments& arguments);
[[nodiscard]] std::optional<std::chrono::nanoseconds> read_max_duration(const Arguments& arguments);

}  // namespace cas
