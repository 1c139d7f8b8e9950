#include "linker/plan_restoration.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "linker/environment_plan.hpp"
#include "linker/environment_reproduction.hpp"
#include "store/base/error.hpp"
#include "store/base/pool.hpp"
#include "store/base/relpath.hpp"
#include "store/packages/packages.hpp"

namespace cas {

std::string restore_plan(const Store& store, const Anchor& anchor, const std::string& path, Progress& progress) {
  if (find_plan(store, anchor.plan)) return {};
  try {
    Reproduction made_of = reproduce(store, anchor, path);
    if (environment_plan_key(made_of.packages, made_of.facts, made_of.plan_options) != anchor.plan) {
      return "its interpreter is not what it was when the environment was made";
    }
    const auto found =
        obtain_plan(store, made_of.packages, made_of.facts, made_of.plan_options, {available_cpus(), progress});
    return found ? "" : "a package of it is no longer in the store";
  } catch (const Error& error) {
    return error.message();
  }
}

RestoredPlans restore_plans(const Store& store, Progress& progress) {
  RestoredPlans result;
  for (const Root& root : list_environments(store)) {
    if (root.state != AnchorState::live || !root.at_target || find_plan(store, root.anchor.plan)) continue;
    const auto is_there = [&](const AnchoredPackage& package) {
      return find_package(store.index(), package.artifact).has_value();
    };
    if (!std::ranges::all_of(root.anchor.packages, is_there)) continue;
    const std::string failure = restore_plan(store, root.anchor, root.anchor.target, progress);
    if (failure.empty()) {
      ++result.restored;
    } else {
      result.failures.push_back(fmt::format("{}: {}", printable(root.anchor.target), failure));
    }
  }
  return result;
}

}  // namespace cas
