// Environments by what is installed in them, as the commands that report on packages take them.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "cli/command.hpp"
#include "cli/json_output.hpp"
#include "linker/installed/dependency_graph.hpp"
#include "linker/installed/installed_packages.hpp"
#include "linker/interpreter.hpp"
#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

// Of the environment that the operand means, anybody's. Warns of what cannot be read. Throws as existing_environment() and read_installed() do.
[[nodiscard]] InstalledEnvironment installed_in(const Context& context, const std::string& operand);

// Normalized names of what is installed at `path`, as far as it can be read; none where no environment is.
[[nodiscard]] std::set<std::string> names_installed(const std::string& path);

// Of its bin/python, asked or remembered. `store`: nullptr where there is none. Throws Error where it cannot be asked.
[[nodiscard]] InterpreterFacts facts_of(const Store* store, const InstalledEnvironment& environment);

// With the markers of that interpreter on this machine. `environment` outlives it.
[[nodiscard]] DependencyGraph graph_of(const InstalledEnvironment& environment, const InterpreterFacts& facts);

// Of an environment of cas, with the digests that wheels have in an index; nullopt: it is another tool's. Needs no store, but for what was
// put together from parts.
[[nodiscard]] std::optional<Anchor> anchor_of(const Context& context, const InstalledEnvironment& environment);

// Warns of the requirements that the graph leaves out.
void warn_of_unreadable(const Context& context, const DependencyGraph& graph);

// {"kind", "url", "subdirectory", "sha256", "vcs", "requested_revision", "commit_id", "editable"}; null: it has none.
[[nodiscard]] Json json_direct_url(const InstalledDistribution& distribution);

}  // namespace cas
