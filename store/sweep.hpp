// The sweep of a collection: what the mark found to be garbage goes, in small batches.
#pragma once

#include "store/base/deadline.hpp"
#include "store/base/progress.hpp"
#include "store/gc.hpp"
#include "store/mark.hpp"
#include "store/store.hpp"

namespace cas {

// Forgets the plans that the mark evicts. Fills in result.plans, and result.stop where time was up.
void forget_plans(const Store& store, Mark& mark, const Deadline& deadline, GcResult& result);

// Forgets the packages that the mark evicts, and the plans that stand on them. Fills in result.packages, and result.stop where time was up.
void forget_packages(const Store& store, Mark& mark, const Deadline& deadline, GcResult& result);

// Removes the objects that nothing holds: rows, commit, files; until time is up or enough is freed. With options.dry_run only counts
// them. Fills in the numbers of result.
void sweep_objects(const Store& store, Mark& mark, const GcOptions& options, const Deadline& deadline, GcResult& result,
                   Progress& progress);

}  // namespace cas
