#include "linker/environment_exactness.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "linker/environment_others.hpp"

namespace cas {

ForeignPackages foreign_packages_to_stay(const Store& store, const Anchor& anchor, const std::string& target) {
  ForeignPackages foreign;
  const OthersWork others = look_at_others(store, anchor, target);
  if (others.installed.empty()) return foreign;
  foreign.warnings.push_back(
      fmt::format("installed by other tools, and left there: {} (`cas uninstall` takes them away)",
                  fmt::join(others.installed, ", ")));
  return foreign;
}

}  // namespace cas
