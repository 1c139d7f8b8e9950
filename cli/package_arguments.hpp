// Options that say which packages, and where they come from: those that create, sync and lock have in common.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "linker/locked/package_inputs.hpp"

namespace cas {

// For a command's list of options.
inline constexpr OptionSpec kRequirementOption{"requirement", 'r', "FILE", Repeat::yes};
inline constexpr OptionSpec kConstraintOption{"constraint", 'c', "FILE", Repeat::yes};
inline constexpr OptionSpec kIndexUrlOption{"index-url", 'i', "URL"};
inline constexpr OptionSpec kExtraIndexUrlOption{"extra-index-url", '\0', "URL", Repeat::yes};
inline constexpr OptionSpec kNoIndexOption{"no-index", '\0', {}};
inline constexpr OptionSpec kIndexStrategyOption{"index-strategy", '\0', "HOW"};
inline constexpr OptionSpec kTrustedHostOption{"trusted-host", '\0', "HOST", Repeat::yes};
inline constexpr OptionSpec kOfflineOption{"offline", '\0', {}};
inline constexpr OptionSpec kRefreshOption{"refresh", '\0', {}};
inline constexpr OptionSpec kMaxLockAgeOption{"max-lock-age", '\0', "TIME"};
inline constexpr OptionSpec kResolverOption{"resolver", '\0', "PROGRAM"};
inline constexpr OptionSpec kPreOption{"pre", '\0', {}};
inline constexpr OptionSpec kExtraOption{"extra", '\0', "NAME", Repeat::yes};
inline constexpr OptionSpec kGroupOption{"group", '\0', "NAME", Repeat::yes};

// Whether an operand, or the value of -r, is a lock: a file called pylock.toml or pylock.NAME.toml.
[[nodiscard]] bool is_lock_argument(const std::string& argument);

// Of the options above, and --find-links; `operands`: requirements and locks. Settings of pip and uv in the surroundings count where they mean
// the same: PIP_INDEX_URL, UV_DEFAULT_INDEX, UV_INDEX_URL, PIP_EXTRA_INDEX_URL, UV_INDEX, UV_EXTRA_INDEX_URL, PIP_NO_INDEX,
// PIP_FIND_LINKS, UV_FIND_LINKS. What stands in requirement files adds to that, or replaces it as pip does.
// Throws UsageError, and what reading the files throws.
[[nodiscard]] PackageInputs read_package_inputs(const Context& context, const std::vector<std::string>& operands);

}  // namespace cas
