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

// What an environment is, whatever it holds.
struct EnvironmentTraits {
  Anchor anchor;
  std::optional<std::string> prompt;  // what its pyvenv.cfg says
  bool system_site_packages = false;
};

struct KeptEnvironment : EnvironmentTraits {
  std::vector<PlannedPackage>
      packages;  // described, not loaded; without the interpreter, and what was uninstalled since
  std::set<std::string> installed_by_others;  // normalized names of packages that lie there and are not cas's
};

// nullopt: no environment of cas is at `target`. Whose store it belongs to is not looked at.
[[nodiscard]] std::optional<EnvironmentTraits> traits_of_environment(const std::string& target);
// nullopt: no environment of cas is at `target`. Throws NotFound where it belongs to another store.
[[nodiscard]] std::optional<KeptEnvironment> look_at_environment(const Store& store, const std::string& target);

}  // namespace cas
