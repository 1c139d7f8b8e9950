#include "linker/environment_condition.hpp"

#include <map>

#include "linker/environment.hpp"
#include "store/interpreters.hpp"
#include "store/sys/file.hpp"

namespace cas {

std::vector<EnvironmentCondition> environment_conditions(const Store& store, const std::vector<Root>& roots) {
  // "…/python/<name>/" -> outdated
  std::map<std::string, bool> trees;
  for (const StoredInterpreter& interpreter : list_interpreters(store)) {
    trees[store.layout().interpreter(interpreter.name) + "/"] = is_outdated(interpreter);
  }
  std::vector<EnvironmentCondition> conditions;
  for (const Root& root : roots) {
    EnvironmentCondition& condition = conditions.emplace_back();
    const Anchor& anchor = root.anchor;
    for (const auto& [tree, is_old] : trees) {
      if (anchor.interpreter.starts_with(tree)) condition.outdated = is_old;
    }
    if (!root.at_target) continue;
    condition.base_missing = !leads_to_file(anchor.target + "/" + anchor.scripts + "/python");
    condition.interrupted = stat_path(anchor.target + "/.cas/journal").has_value();
  }
  return conditions;
}

std::vector<AnchoredPackage> user_packages(const Anchor& anchor) {
  return {anchor.packages.end() - static_cast<std::ptrdiff_t>(package_count(anchor)), anchor.packages.end()};
}

std::size_t package_count(const Anchor& anchor) {
  const bool has_interpreter = anchor.base == base_kind_name(BaseKind::standalone) && !anchor.packages.empty();
  return anchor.packages.size() - (has_interpreter ? 1 : 0);
}

}  // namespace cas
