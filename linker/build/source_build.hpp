// From sources to a package of the store.
#pragma once

#include <optional>

#include "linker/build/build_memo.hpp"
#include "linker/build/build_options.hpp"
#include "linker/build/project_source.hpp"
#include "linker/interpreter.hpp"
#include "linker/locked/package_network.hpp"
#include "store/base/progress.hpp"
#include "store/ingest.hpp"
#include "store/store.hpp"

namespace cas {

struct BuildResult {
  BuiltWheel wheel;
  std::optional<IngestResult> ingested;  // where it was built now
};

// What was built of the same sources before; nullopt: it would have to be built.
[[nodiscard]] std::optional<BuiltWheel> known_build(const Store& store, const ProjectSource& source,
                                                    const InterpreterFacts& facts, const BuildOptions& options);

// Builds it where it was not built before: foreign code runs, with the rights of the user. All that it writes is meant to lie in a scratch directory of the store
// (a directory of the user's is built where it lies) and goes at the end.
// Throws UsageError where building is not allowed, and where a package would be needed to build itself; Error with what the back-end said;
// InvalidInput for sources that are hostile, or of another package or version than `source` says.
[[nodiscard]] BuildResult build_source(const Store& store, PackageNetwork& network, const ProjectSource& source,
                                       const InterpreterFacts& facts, const BuildOptions& options, Progress& progress);

}  // namespace cas
