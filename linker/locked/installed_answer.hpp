// What to take for requirements in an environment where something is installed, which stays as long as it satisfies everybody.
#pragma once

#include "linker/interpreter.hpp"
#include "linker/locked/package_network.hpp"
#include "linker/locked/resolver_program.hpp"
#include "linker/locked/resolver_run.hpp"
#include "store/base/progress.hpp"
#include "store/pylock/pylock.hpp"
#include "store/store.hpp"

namespace cas {

// run_resolver(), more than once where it makes a difference that question.installed is there: a version that no index has (any more),
// or one that requires something else than what an index has under that version. Only what makes one is described to it.
// Throws what run_resolver() throws.
[[nodiscard]] Pylock ask_resolver(const Store& store, const ResolverProgram& program, const ResolverQuestion& question,
                                  const InterpreterFacts& facts, PackageNetwork& network, Progress& progress);

}  // namespace cas
