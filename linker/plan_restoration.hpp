// The plan of an environment again, where the index has lost it (`cas index rebuild`, a damaged plan, a package that was forgotten and came
// back). Without it nobody knows which bytecode and RECORDs were placed, and nothing keeps their objects from being collected.
#pragma once

#include <string>
#include <vector>

#include "store/base/progress.hpp"
#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

// Makes and records the anchor's plan from its packages, where the index does not have it; compiles what was never compiled. `path`: where the
// environment lies now. "": the index has it (again). Otherwise why not, as a sentence: a package or the interpreter is gone, or the
// interpreter is not what it was.
[[nodiscard]] std::string restore_plan(const Store& store, const Anchor& anchor, const std::string& path,
                                       Progress& progress);

struct RestoredPlans {
  std::size_t restored = 0;
  std::vector<std::string> failures;  // "PATH: why not"
};
// The same of all environments that lie where they were made. Those with packages that the store does not have are left out: nobody can make
// their plans.
[[nodiscard]] RestoredPlans restore_plans(const Store& store, Progress& progress);

}  // namespace cas
