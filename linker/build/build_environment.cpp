#include "linker/build/build_environment.hpp"

#include <utility>

#include "linker/environment.hpp"
#include "linker/locked/locked_supply.hpp"
#include "linker/locked/resolution.hpp"
#include "store/base/error.hpp"
#include "store/roots.hpp"

namespace cas {

BuildEnvironment::BuildEnvironment(const Store& store, PackageNetwork& network, const InterpreterFacts& facts,
                                   const BuildOptions& options, std::string path, Progress& progress)
    : store_(store), network_(network), facts_(facts), options_(options), path_(std::move(path)), progress_(progress) {}

BuildEnvironment::~BuildEnvironment() {
  try {
    if (const auto anchor = read_environment_anchor(path_)) retire_root(store_, look_at_root(store_, *anchor));
  } catch (const Error&) {
    // The collector finds that it is gone: a destructor has nobody to tell.
  }
}

void BuildEnvironment::provide(const std::vector<std::string>& requirements, const std::string& place) {
  RequirementFiles files;
  for (const std::string& text : requirements) {
    ListedRequirement& listed = files.requirements.emplace_back();
    listed.place = {place, files.requirements.size()};
    listed.requirement = with_context(place, [&] { return parse_requirement(text); });
  }
  files.requirements.insert(files.requirements.end(), options_.constraints.begin(), options_.constraints.end());

  ResolveOptions resolving;
  resolving.resolver = options_.resolver;
  resolving.max_age = options_.max_lock_age;
  resolving.refresh = options_.refresh;
  resolving.build = options_;
  resolving.build.format = options_.format.of_builders();
  resolving.build.settings.clear();
  resolving.build.settings_of.clear();
  LockedSupply supply(
      [&](const Store& store, const InterpreterFacts& facts, Progress& progress) {
        return std::vector<LockSource>{resolve(store, network_, files, facts, resolving, progress)};
      },
      network_);

  CreateOptions options;
  options.python = facts_.executable;
  options.base = BaseKind::system;
  options.ignore_file = false;
  options.in_store = true;
  options.supply = &supply;
  (void)create_environment(store_, path_, options, progress_);
}

}  // namespace cas
