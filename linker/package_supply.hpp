// Packages that are found once the interpreter is known: by a lock, an index, a resolver.
#pragma once

#include <vector>

#include "linker/interpreter.hpp"
#include "linker/plan.hpp"
#include "store/base/progress.hpp"
#include "store/ingest.hpp"
#include "store/store.hpp"

namespace cas {

struct SuppliedPackages {
  std::vector<PlannedPackage> packages;  // of the store, as planned_package() has them
  std::vector<IngestResult> ingested;    // what had to be brought there
};

class PackageSupply {
 public:
  virtual ~PackageSupply() = default;
  // Called again where a collector took some of it meanwhile.
  [[nodiscard]] virtual SuppliedPackages supply(const Store& store, const InterpreterFacts& facts,
                                                const IngestOptions& options, Progress& progress) = 0;
  // The same packages, which need not be in the store: nothing is brought there.
  [[nodiscard]] virtual SuppliedPackages preview(const Store& store, const InterpreterFacts& facts,
                                                 Progress& progress) = 0;
};

}  // namespace cas
