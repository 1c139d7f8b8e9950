// Which packages of a lock file an interpreter gets, and which file of each ("Installation" of the pylock.toml specification).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "linker/build/build_options.hpp"
#include "linker/interpreter.hpp"
#include "store/pylock/pylock.hpp"
#include "store/requirement/marker.hpp"

namespace cas {

struct LockWishes {
  std::vector<std::string> extras;                 // normalized
  std::optional<std::vector<std::string>> groups;  // normalized; nullopt: the lock's default-groups
  BuildOptions build;
};

struct LockedChoice {
  const LockedPackage* package = nullptr;
  // One of the package's wheels, or its archive, where that is a wheel; null: it has to be built from what else it has.
  const LockedFile* wheel = nullptr;
};

// In the lock's order. `system`: marker_environment() of the interpreter. `place`: the lock's name, for messages.
// Throws InvalidInput naming everything that does not fit: the lock's requires-python or environments, a package's requires-python, a
// package that comes twice, one that has neither a wheel that fits nor sources; UsageError for an extra or group that the lock
// does not have.
[[nodiscard]] std::vector<LockedChoice> select_locked(const Pylock& lock, const InterpreterFacts& facts,
                                                      const MarkerEnvironment& system, const LockWishes& wishes,
                                                      std::string_view place);

}  // namespace cas
