#include "linker/locked/pin_completeness.hpp"

#include <fmt/format.h>

#include "linker/installed/dependency_graph.hpp"
#include "linker/installed/foreseen.hpp"
#include "linker/locked/marker_facts.hpp"
#include "linker/package_selection.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/system_name.hpp"

namespace cas {

void refuse_incomplete(const Store& store, const std::vector<Requirement>& pins,
                       const std::vector<PlannedPackage>& packages, const std::set<std::string>& present,
                       const InterpreterFacts& facts) {
  std::vector<PlannedPackage> loaded = packages;
  if (!load_packages(store, loaded)) return;
  InstalledEnvironment foreseen;
  for (const PlannedPackage& package : loaded) {
    foreseen.distributions.push_back(foreseen_distribution(package.metadata));
  }
  foreseen.distributions.push_back(asking_user(pins));
  const DependencyGraph graph(foreseen, marker_environment(facts, system_name()));
  std::set<std::string> named;
  std::string lacking;
  for (std::size_t node = 0; node + 1 < graph.size(); ++node) {
    for (const Dependency& dependency : graph.dependencies(node)) {
      const std::string& name = dependency.requirement.normalized;
      if (dependency.state != DependencyState::missing || present.contains(name) || !named.insert(name).second)
        continue;
      lacking += fmt::format("\n  {}, which {} {} requires", printable(dependency.requirement.text()),
                             printable(graph.at(node).name), printable(graph.at(node).version));
    }
  }
  if (lacking.empty()) return;
  throw InvalidInput("every requirement is one version with a hash, and there is none for:" + lacking,
                     "add them with their hashes, or --no-deps: without what is required");
}

}  // namespace cas
