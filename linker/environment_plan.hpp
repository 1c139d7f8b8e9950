// The plan of an environment: found in the index, or made and recorded.
#pragma once

#include <optional>
#include <vector>

#include "linker/environment.hpp"
#include "linker/interpreter.hpp"
#include "linker/plan.hpp"
#include "store/base/progress.hpp"
#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

struct FoundPlan {
  Sha256Digest key;
  Plan plan;  // every file's segment is filled in
  bool reused = false;
  BytecodeCounts bytecode;
};

// How the bytecode of a plan is obtained, and who hears of it.
struct PlanWork {
  unsigned threads = 1;
  Progress& progress;
};

// The key covers the packages, layout and options, and the interpreter's facts: a plan that exists was made for packages that
// fit.
[[nodiscard]] Sha256Digest environment_plan_key(const std::vector<PlannedPackage>& packages,
                                                const InterpreterFacts& facts, const PlanOptions& options);

// encode_plan() after each file's segment was filled in, for record_plan(). Throws Corruption where an object is not in the index.
[[nodiscard]] std::string encode_located(const ReadTxn& txn, const Schema& schema, Plan& plan);

// nullopt: not known (any more).
[[nodiscard]] std::optional<Plan> find_plan(const Store& store, const Sha256Digest& key);

// Finds the plan, or makes and records it: reads manifests, checks that the packages fit, compiles what was never compiled. nullopt: a package has been collected
// and must be ingested again. The caller holds a published root for the packages.
[[nodiscard]] std::optional<FoundPlan> obtain_plan(const Store& store, std::vector<PlannedPackage>& packages,
                                                   const InterpreterFacts& facts, const PlanOptions& options,
                                                   const PlanWork& work);

// The plan by which the anchored environment was made; where the index has lost it, without bytecode, and with RECORDs of unknown
// text. Throws Corruption, naming them, where packages are no longer in the store, or have no manifest that can be read.
[[nodiscard]] Plan plan_of_anchor(const Store& store, const Anchor& anchor);

struct RestOfPlan {
  Plan plan;
  std::vector<std::size_t> missing;  // packages of the anchor, as indices, that the plan is without
};
// The same, but of the packages that there are.
[[nodiscard]] RestOfPlan plan_of_what_is_left(const Store& store, const Anchor& anchor);

}  // namespace cas
