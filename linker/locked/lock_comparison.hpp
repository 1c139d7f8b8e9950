// What a lock would put into an environment, to be compared with what is there.
#pragma once

#include <vector>

#include "linker/installed/comparison.hpp"
#include "linker/interpreter.hpp"
#include "linker/locked/locked_supply.hpp"

namespace cas {

// Of the packages that the interpreter gets. Throws what select_locked() throws.
[[nodiscard]] std::vector<ComparedPackage> compared_packages(const LockSource& source, const InterpreterFacts& facts);

}  // namespace cas
