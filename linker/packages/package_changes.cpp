#include "linker/packages/package_changes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "linker/environment_lock.hpp"
#include "linker/environment_others.hpp"
#include "linker/environment_request.hpp"
#include "linker/installed/dependency_graph.hpp"
#include "linker/installed/foreseen.hpp"
#include "linker/locked/marker_facts.hpp"
#include "linker/package_selection.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"
#include "store/sys/system_name.hpp"

namespace cas {
namespace {

bool goes(const PackageChange& change, const std::string& normalized) {
  return change.take.contains(normalized) || std::ranges::any_of(change.put, [&](const PlannedPackage& package) {
           return package.metadata.normalized_name == normalized;
         });
}

bool is_ours(const ChangedEnvironment& environment, const InstalledDistribution& one) {
  return std::ranges::any_of(environment.kept.packages, [&](const PlannedPackage& package) {
    return package.metadata.normalized_name == one.normalized;
  });
}

}  // namespace

ChangedEnvironment look_at_changed(const Store& store, const std::string& path, bool dry_run) {
  ChangedEnvironment environment;
  environment.target = resolve_target(path);
  const auto info = stat_path(environment.target);
  if (!info || !S_ISDIR(info->st_mode)) {
    throw NotFound(printable(environment.target) + ": there is no environment",
                   fmt::format("`cas create {}` makes one, with packages at once", printable(environment.target)));
  }
  refuse_foreign(environment.target);
  if (!dry_run) recover_environment(store, environment.target);
  const Fd directory = open_directory(environment.target);
  std::optional<EnvironmentLock> lock;
  // Half of another command's change is nothing to plan from.
  if (!dry_run && stat_at(directory.get(), kAnchorDirectory)) lock.emplace(directory.get(), environment.target);
  auto kept = look_at_environment(store, environment.target);
  if (!kept) {
    throw NotFound(printable(environment.target) + " is no environment",
                   fmt::format("`cas create {}` makes one, with packages at once", printable(environment.target)));
  }
  environment.kept = std::move(*kept);
  environment.anchor = environment.kept.anchor;
  environment.made_of = reproduce(store, environment.anchor, environment.target);
  environment.installed = read_installed(environment.target);
  return environment;
}

std::map<std::string, std::string> packages_after(const ChangedEnvironment& environment, const PackageChange& change) {
  std::map<std::string, std::string> after;
  for (const InstalledDistribution& one : environment.installed.distributions) {
    if (!change.take.contains(one.normalized)) after.emplace(one.normalized, one.version);
  }
  for (const PlannedPackage& package : change.put) {
    after[package.metadata.normalized_name] = package.metadata.version;
  }
  return after;
}

std::vector<PackageStep> steps_to(const ChangedEnvironment& environment,
                                  const std::map<std::string, std::string>& after) {
  std::map<std::string, PackageStep> steps;
  for (const InstalledDistribution& one : environment.installed.distributions) {
    steps.emplace(one.normalized, PackageStep{one.name, one.version, ""});
  }
  for (const auto& [name, version] : after) {
    PackageStep& step = steps.emplace(name, PackageStep{name, "", ""}).first->second;
    step.after = version;
  }
  std::vector<PackageStep> changed;
  for (auto& [name, step] : steps) {
    if (step.before != step.after) changed.push_back(std::move(step));
  }
  return changed;
}

std::vector<std::string> broken_by(const Store& store, const ChangedEnvironment& environment,
                                   const PackageChange& change, const std::vector<PackageStep>& steps) {
  std::map<std::string, PackageStep> changed;
  for (const PackageStep& step : steps) changed.emplace(normalize_name(step.name), step);
  InstalledEnvironment after = environment.installed;
  std::erase_if(after.distributions, [&](const InstalledDistribution& one) { return goes(change, one.normalized); });
  std::vector<PlannedPackage> put = change.put;
  // In a dry run the store need not have them: then only their versions are known.
  if (!change.dry_run) static_cast<void>(load_packages(store, put));
  for (const PlannedPackage& package : put) {
    after.distributions.push_back(foreseen_distribution(package.metadata));
  }
  const DependencyGraph graph(after, marker_environment(environment.made_of.facts, system_name()));
  std::vector<std::string> sentences;
  for (std::size_t node = 0; node < graph.size(); ++node) {
    const InstalledDistribution& one = graph.at(node);
    if (goes(change, one.normalized)) continue;
    for (const Dependency& dependency : graph.dependencies(node)) {
      const auto step = changed.find(dependency.requirement.normalized);
      if (dependency.state == DependencyState::satisfied || step == changed.end()) continue;
      sentences.push_back(fmt::format(
          "{} {} requires {}, and {}", printable(one.name), printable(one.version),
          printable(dependency.requirement.text()),
          step->second.after.empty()
              ? "that is not installed any more"
              : fmt::format("{} {} is installed now", printable(step->second.name), printable(step->second.after))));
    }
  }
  return sentences;
}

std::set<std::string, std::less<>> others_files_to_go(const ChangedEnvironment& environment,
                                                      const PackageChange& change) {
  std::set<std::string, std::less<>> going, staying;
  for (const InstalledDistribution& one : environment.installed.distributions) {
    if (is_ours(environment, one)) continue;
    const auto files = files_of_distribution(environment.target, environment.installed.site_packages, one.info_path);
    if (!goes(change, one.normalized)) {
      if (files) staying.insert(files->begin(), files->end());
    } else if (files) {
      going.insert(files->begin(), files->end());
    } else {
      throw Error(fmt::format("{} {} was not installed by cas, and there is no list of its files (RECORD) to go by",
                              printable(one.name), printable(one.version)),
                  fmt::format("the environment's own pip may know more: {0}/{1}/python -m pip uninstall {2}",
                              printable(environment.target), environment.anchor.scripts, printable(one.name)));
    }
  }
  std::erase_if(going, [&](const std::string& path) { return staying.contains(path); });
  return going;
}

std::optional<CreateResult> carry_out(const Store& store, ChangedEnvironment& environment, const PackageChange& change,
                                      Progress& progress) {
  const Reproduction& made_of = environment.made_of;
  EnvironmentRequest request{store, made_of.options, environment.target, made_of.facts, made_of.base, {}, {}, {},
                             {},    progress};
  request.planned_from = environment.anchor.id;
  request.remade = change.remade;
  request.keep_obstacles = true;
  request.own_interpreter = made_of.own_interpreter;
  request.plan_options = made_of.plan_options;
  request.others_to_go = others_files_to_go(environment, change);
  request.packages = change.put;
  for (const PlannedPackage& package : environment.kept.packages) {
    if (!goes(change, package.metadata.normalized_name)) request.packages.push_back(package);
  }
  sort_for_plan(request.packages);
  if (request.own_interpreter) request.packages.insert(request.packages.begin(), *request.own_interpreter);
  auto result = change_environment(request);
  if (result) compare_packages(environment.anchor, *result);
  return result;
}

}  // namespace cas
