// Captured interpreters whose whole tree is gone, its record with it, although nobody removed it: environments stand on them, and the
// store has the package that the tree was made of.
//
// `cas python remove` leaves an empty file `python/.gone-<name>`, so that what was meant to go is not taken for damage. It goes when the
// same interpreter is captured again, or when no environment stands on it any more.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/base/digest.hpp"
#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

struct LostInterpreter {
  std::string name;  // of its directory, when it was there
  Sha256Digest artifact;
  std::string implementation, version;
  std::string executable;  // where environments look for it: "…/python/<name>/bin/python3.12"
};

// In the order of their names. `roots`: those that are dead do not count.
[[nodiscard]] std::vector<LostInterpreter> list_lost_interpreters(const Store& store, std::span<const Root> roots);
// The one that this environment stands on.
[[nodiscard]] std::optional<LostInterpreter> lost_interpreter_of(const Store& store, const Anchor& anchor);

// What captures and removals of trees say.
void note_removed_interpreter(const Store& store, const std::string& name);
void note_captured_interpreter(const Store& store, const std::string& name);
// Forgets those removals that concern no environment any more.
void forget_removed_interpreters(const Store& store, std::span<const Root> roots);

}  // namespace cas
