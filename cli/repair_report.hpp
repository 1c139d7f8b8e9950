// Repairs as `cas repair` and `cas unshare` take them and tell of them.
#pragma once

#include <array>
#include <string>

#include "cli/json_output.hpp"
#include "cli/options.hpp"
#include "linker/repair/repair.hpp"

namespace cas {

// Where good copies may come from: other stores, and the indexes that `cas create` knows.
inline constexpr std::array kRepairSourceOptions{
    OptionSpec{"from", '\0', "STORE", Repeat::yes},
    OptionSpec{"dry-run", '\0', {}},
    OptionSpec{"index-url", 'i', "URL"},
    OptionSpec{"extra-index-url", '\0', "URL", Repeat::yes},
    OptionSpec{"index-strategy", '\0', "HOW"},
    OptionSpec{"find-links", '\0', "DIR", Repeat::yes},
    OptionSpec{"no-index", '\0', {}},
    OptionSpec{"trusted-host", '\0', "HOST", Repeat::yes},
    OptionSpec{"offline", '\0', {}},
};

// Nothing is wrong any more, or would be.
[[nodiscard]] bool is_sound(const RepairResult& result);

// What was damaged, what became of it, and who was linked anew: one line each, no sum.
[[nodiscard]] std::string repair_text(const RepairResult& result, RepairRun run, bool verbose);
// Adds "problems", "quarantined", "forgotten", "relinked", "warnings".
void add_repair(Json& document, const RepairResult& result);

}  // namespace cas
