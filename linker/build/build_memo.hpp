// Wheels that were built, remembered in the index by what they were built of.
#pragma once

#include <optional>
#include <string>

#include "linker/build/build_options.hpp"
#include "linker/build/project_source.hpp"
#include "linker/interpreter.hpp"
#include "store/base/digest.hpp"
#include "store/store.hpp"

namespace cas {

// Of the sources (an archive's SHA-256, a commit, the state of a directory: `identity`), the interpreter, the system, the settings and the constraints
// of the build. Not of the versions of what built it: as with pip and uv, sources are not built anew because setuptools has a new version.
// `place`: what of an environment that was there it depends on; "": it was built in one of its own.
[[nodiscard]] Sha256Digest build_key(const ProjectSource& source, const std::string& identity,
                                     const InterpreterFacts& facts, const BuildOptions& options,
                                     const std::string& place = {});

struct BuiltWheel {
  Sha256Digest artifact;  // of a package of the store
  std::string version;
};

// nullopt: never built, or no longer in the store or a base store.
[[nodiscard]] std::optional<BuiltWheel> remembered_build(const Store& store, const Sha256Digest& key);
// An index that is read-only remembers nothing.
void remember_build(const Store& store, const Sha256Digest& key, const BuiltWheel& wheel);

}  // namespace cas
