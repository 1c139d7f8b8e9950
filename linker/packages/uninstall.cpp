#include "linker/packages/uninstall.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "linker/installed/dependency_graph.hpp"
#include "linker/locked/marker_facts.hpp"
#include "linker/packages/package_changes.hpp"
#include "linker/replanning.hpp"
#include "store/base/error.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/system_name.hpp"

namespace cas {
namespace {

// What can be reached from `start`, without going through what `passes` refuses.
template <class Passes>
void reach(const DependencyGraph& graph, std::vector<std::size_t> start, std::vector<bool>& reached, Passes&& passes) {
  for (const std::size_t node : start) reached[node] = true;
  while (!start.empty()) {
    const std::size_t node = start.back();
    start.pop_back();
    for (const Dependency& dependency : graph.dependencies(node)) {
      if (!dependency.target || reached[*dependency.target] || !passes(*dependency.target)) continue;
      reached[*dependency.target] = true;
      start.push_back(*dependency.target);
    }
  }
}

// Whether one that was asked for, and is not named, would need it with one of its extras. Nothing tells which extras were asked for.
bool may_be_of_extra(const DependencyGraph& graph, std::size_t node, const std::vector<bool>& is_named) {
  return std::ranges::any_of(graph.possible_dependents(graph.at(node).normalized), [&](const std::string& dependent) {
    const auto found = graph.find(dependent.substr(0, dependent.find('[')));
    return found && graph.at(*found).requested && !is_named[*found];
  });
}

// Adds what the named packages needed, as long as nobody asked for it and nothing that stays leads to it.
void add_needless(const ChangedEnvironment& environment, std::set<std::string>& names) {
  const DependencyGraph graph(environment.installed, marker_environment(environment.made_of.facts, system_name()));
  std::vector<std::size_t> named;
  for (std::size_t node = 0; node < graph.size(); ++node) {
    if (names.contains(graph.at(node).normalized)) named.push_back(node);
  }
  std::vector<bool> is_named(graph.size()), candidate(graph.size()), needed(graph.size());
  for (const std::size_t node : named) is_named[node] = true;
  // pip is what an environment is seeded with, and nobody's by-product.
  reach(graph, named, candidate,
        [&](std::size_t node) { return !graph.at(node).requested && graph.at(node).normalized != "pip"; });
  std::vector<std::size_t> staying;
  for (std::size_t node = 0; node < graph.size(); ++node) {
    if (!candidate[node] || (!is_named[node] && may_be_of_extra(graph, node, is_named))) staying.push_back(node);
  }
  reach(graph, staying, needed, [&](std::size_t node) { return !is_named[node]; });
  for (std::size_t node = 0; node < graph.size(); ++node) {
    if (candidate[node] && !needed[node]) names.insert(graph.at(node).normalized);
  }
}

UninstallResult uninstall_once(const Store& store, const std::string& path, const UninstallOptions& options,
                               Progress& progress) {
  ChangedEnvironment environment = look_at_changed(store, path, options.dry_run);
  environment.made_of.options.command = "uninstall";
  environment.made_of.options.threads = options.threads;
  UninstallResult result;
  result.path = environment.target;
  PackageChange change;
  change.dry_run = options.dry_run;
  for (const std::string& name : options.names) {
    if (find_installed(environment.installed, name) == nullptr) {
      result.not_installed.push_back(name);
    } else {
      change.take.insert(normalize_name(name));
    }
  }
  if (change.take.empty()) return result;
  if (options.recursive) add_needless(environment, change.take);
  result.removed = steps_to(environment, packages_after(environment, change));
  result.broken = broken_by(store, environment, change, result.removed);
  if (options.dry_run) {
    static_cast<void>(others_files_to_go(environment, change));
    return result;
  }
  auto made = carry_out(store, environment, change, progress);
  if (!made) {
    throw Corruption("a package of " + environment.target + " is not in the store",
                     "add its wheel again with `cas add`");
  }
  result.warnings = std::move(made->warnings);
  return result;
}

}  // namespace

UninstallResult uninstall_packages(const Store& store, const std::string& path, const UninstallOptions& options,
                                   Progress& progress) {
  return planned_until_it_fits([&] { return uninstall_once(store, path, options, progress); });
}

}  // namespace cas
