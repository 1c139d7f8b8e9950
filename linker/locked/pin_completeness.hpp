// Whether packages that the user pinned one by one are all that they need.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "linker/interpreter.hpp"
#include "linker/plan.hpp"
#include "store/requirement/requirement.hpp"
#include "store/store.hpp"

namespace cas {

// Throws InvalidInput naming everything that `packages`, or the extras that `pins` ask for, require on this interpreter, and that is neither
// among them nor in `present` (normalized names). Versions are the user's business. A package that the store does not have any more requires nothing.
void refuse_incomplete(const Store& store, const std::vector<Requirement>& pins,
                       const std::vector<PlannedPackage>& packages, const std::set<std::string>& present,
                       const InterpreterFacts& facts);

}  // namespace cas
