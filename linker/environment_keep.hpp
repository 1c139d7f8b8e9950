// What of an environment stays when it is made again. For linker/environment*.cpp only.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "linker/plan.hpp"
#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

struct KeptEnvironment {
  Anchor anchor;
  std::vector<PlannedPackage>
      packages;  // described, not loaded; without the interpreter, and what was uninstalled since
  std::set<std::string> installed_by_others;  // normalized names of packages that lie there and are not cas's
  std::optional<std::string> prompt;          // what its pyvenv.cfg says
  bool system_site_packages = false;
};

// nullopt: no environment of cas is at `target`. Throws NotFound where it belongs to another store.
[[nodiscard]] std::optional<KeptEnvironment> look_at_environment(const Store& store, const std::string& target);

}  // namespace cas
