// What the command lines that make environments have in common.
#pragma once

#include <optional>

#include "cli/options.hpp"
#include "linker/environment.hpp"

namespace cas {

// --standalone, --base, CAS_BASE; --system-site-packages implies the system's. nullopt: nothing was said.
[[nodiscard]] std::optional<BaseKind> read_base(const Arguments& arguments);

// --link-mode.
[[nodiscard]] LinkMode read_link_mode(const Arguments& arguments);

// The value of --prompt: "." is the name of the current directory.
[[nodiscard]] std::string read_prompt(const std::string& value);

// Throws UsageError where both options were given.
void refuse_both(const Arguments& arguments, std::string_view a, std::string_view b);

}  // namespace cas
