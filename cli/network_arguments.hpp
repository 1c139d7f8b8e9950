// Where packages come from, and how the outside is talked to: of the options, the settings, and what requirement files say.
#pragma once

#include "cli/command.hpp"
#include "cli/option_sources.hpp"
#include "linker/locked/package_network.hpp"
#include "store/requirement/requirement_file.hpp"

namespace cas {

// What stands in requirement files adds to the settings, or replaces them as pip does; the command line goes before both. A place that a project's
// settings name is told by a warning. Throws UsageError for values that are none.
[[nodiscard]] NetworkOptions read_network(const Context& context, const OptionSources& sources,
                                          const RequirementFiles& files);

// For these files themselves, before they are read: nothing of them counts, and nothing is told.
[[nodiscard]] NetworkOptions read_network_of_files(const Arguments& arguments, const OptionSources& sources);

}  // namespace cas
