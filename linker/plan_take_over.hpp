// Plans from base stores, so that what was planned and compiled there is neither planned nor compiled again.
#pragma once

#include <optional>
#include <vector>

#include "linker/interpreter.hpp"
#include "linker/plan.hpp"
#include "store/store.hpp"

namespace cas {

// The plan that a base store has for these packages, recorded in the store under `key`, with the objects that only it refers to
// (bytecode, written texts) and what the index knows of that bytecode. nullopt: none has it, or not whole.
// An interpreter that the store took over has another place here than there: the plan is looked for by the place there.
// REQUIRES: the packages are in the store, and the caller holds a published root for them.
[[nodiscard]] std::optional<Plan> take_over_plan(const Store& store, const Sha256Digest& key,
                                                 const std::vector<PlannedPackage>& packages,
                                                 const InterpreterFacts& facts, const PlanOptions& options,
                                                 unsigned threads);

}  // namespace cas
