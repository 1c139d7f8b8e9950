// One run of pip as the resolver: requirements in, its installation report out, as a lock.
#pragma once

#include "linker/locked/resolver_run.hpp"

namespace cas {

// By the interpreter's own pip, else by one in PATH that is told to stand for it (pip 22.3); `program.path` names another. As for run_resolver():
// addresses of indexes go through its environment, and its own configuration does not count. Nothing is installed or built.
// pip takes the best version of all places together: throws UsageError where there are several and the first was to be the only one. Throws
// NotFound without a pip, and offline; Error with what pip said.
[[nodiscard]] Pylock run_pip(const Store& store, const ResolverProgram& program, const ResolverQuestion& question,
                             const InterpreterFacts& facts, PackageNetwork& network);

}  // namespace cas
