// Putting a captured interpreter's tree right: files that are gone or were changed are linked again from the store.
#pragma once

#include <cstddef>

#include "store/interpreters.hpp"
#include "store/store.hpp"

namespace cas {

// Each file takes its place by a rename: programs that run keep what they have open. Returns how many there were. Throws
// Corruption where the interpreter's package, or an object of it, is damaged.
std::size_t repair_tree(const Store& store, const StoredInterpreter& interpreter);

}  // namespace cas
