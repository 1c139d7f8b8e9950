// What is installed, or locked, in the forms that other tools install from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "linker/installed/dependency_graph.hpp"
#include "linker/installed/frozen.hpp"
#include "linker/interpreter.hpp"
#include "linker/locked/locked_supply.hpp"
#include "store/package_index/index_client.hpp"
#include "store/pylock/pylock.hpp"
#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

enum class ExportedHashes { all, none };

// Lines of pip's requirements format, each with the SHA-256 of the file that the package was made from, be it a wheel or what was built. Either all have one or none: pip, too, takes
// nothing from a file in which some have and some have not. `anchor`: of the environment, where it is one of cas. Throws Error naming those whose file
// is not known.
[[nodiscard]] std::string requirements_text(const std::vector<FrozenRequirement>& frozen,
                                            const std::optional<Anchor>& anchor, ExportedHashes hashes);

// A lock for the environment's Python (its minor version), in which each package has exactly the file that is installed. Where files lie the
// index tells, and what is marked as asked for (REQUESTED) is so in the lock; that of sources which were built for it is remembered. `graph`: of the environment that `frozen` is of. Throws Error naming those whose file is not known, InvalidInput for those that the
// index does not have.
[[nodiscard]] Pylock exported_lock(const Store& store, const std::vector<FrozenRequirement>& frozen,
                                   const std::optional<Anchor>& anchor, const DependencyGraph& graph,
                                   const InterpreterFacts& facts, IndexClient& indexes);

// "==3.12.*": what a lock for this Python alone requires.
[[nodiscard]] std::string minor_version_of(const InterpreterFacts& facts);

// A lock as lines of pip's requirements format, markers kept, each with the SHA-256 of all its files. Throws InvalidInput for what cannot be said
// in such lines: packages that only an extra or a dependency group brings, files without a SHA-256.
[[nodiscard]] std::string requirements_text(const LockSource& source, ExportedHashes hashes);

}  // namespace cas
