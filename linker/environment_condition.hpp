// What is wrong with environments, as far as a few look-ups tell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

struct EnvironmentCondition {
  bool base_missing = false;  // bin/python leads nowhere: the interpreter was removed
  bool interrupted = false;   // a change of it was killed, and is not finished
  bool outdated = false;  // it stands on an interpreter of the store whose original has changed since it was captured
};

// One for each root. Environments that are not where they were made are only looked at through the store. Costs two system
// calls for each, and for each captured interpreter one for every file that is watched.
[[nodiscard]] std::vector<EnvironmentCondition> environment_conditions(const Store& store,
                                                                       const std::vector<Root>& roots);

// The packages that the user sees: a standalone environment's interpreter, which comes first, is none.
[[nodiscard]] std::vector<AnchoredPackage> user_packages(const Anchor& anchor);
// How many packages the user sees: a standalone environment's interpreter is none.
[[nodiscard]] std::size_t package_count(const Anchor& anchor);

}  // namespace cas
