// Putting a captured interpreter's tree right: files that are gone or were changed are linked again from the store.
#pragma once

#include <cstddef>
#include <string>

#include "linker/environment_request.hpp"
#include "store/interpreters.hpp"
#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

// Each file takes its place by a rename: programs that run keep what they have open. Returns how many there were. Throws
// Corruption where the interpreter's package, or an object of it, is damaged.
std::size_t repair_tree(const Store& store, const StoredInterpreter& interpreter);

// The files of an interpreter's package alone, beside the trees, for as long as it lives. Throws as repair_tree().
class BareTree {
 public:
  BareTree(const Store& store, const StoredInterpreter& interpreter);
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string id_, path_;
  Fd parent_;
  RunningMark mark_;
  ScratchDirectory scratch_;
};

}  // namespace cas
