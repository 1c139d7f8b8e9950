// Locks of other tools: uv.lock and poetry.lock, whose forms are theirs alone, are told by the tools themselves.
//
// uv and poetry export what they locked, nothing is locked anew; the network is not asked.
#pragma once

#include <string>
#include <string_view>

#include "linker/interpreter.hpp"
#include "linker/locked/package_inputs.hpp"
#include "store/base/progress.hpp"

namespace cas {

// "uv.lock", "poetry.lock".
[[nodiscard]] bool is_foreign_lock_name(std::string_view file_name);

// The lock at `path`, with the extras and groups of `inputs`; without groups, the tool's default ones. A uv.lock is told by the resolver
// (resolver_program.hpp), a poetry.lock by the poetry in PATH. Throws NotFound where the pyproject.toml beside it, or the program, is not there,
// Error with what the program said; with what to do instead.
[[nodiscard]] LockSource export_lock(const Store& store, PackageNetwork& network, const std::string& path,
                                     const PackageInputs& inputs, const InterpreterFacts& facts, Progress& progress);

}  // namespace cas
