#include "linker/environment_restoring.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "linker/environment_others.hpp"
#include "linker/environment_reproduction.hpp"
#include "linker/environment_request.hpp"
#include "linker/package_selection.hpp"
#include "linker/plan_bytecode.hpp"
#include "linker/python/capture.hpp"
#include "linker/python/python_selection.hpp"
#include "linker/python/tree_repair.hpp"
#include "linker/replanning.hpp"
#include "linker/seed.hpp"
#include "linker/tags.hpp"
#include "store/artifact_identity.hpp"
#include "store/ingest.hpp"
#include "store/lost_interpreters.hpp"
#include "store/packages/packages.hpp"
#include "store/roots.hpp"
#include "store/sys/file.hpp"
#include "store/take_over.hpp"

namespace cas {
namespace {

EnvironmentRequest request_for(const Store& store, const Anchor& anchor, const std::string& target,
                               const Reproduction& made_of, Progress& progress) {
  EnvironmentRequest request{store, made_of.options, target, made_of.facts, made_of.base, {}, {}, {}, {}, progress};
  request.planned_from = anchor.id;
  request.keep_obstacles = true;
  request.own_interpreter = made_of.own_interpreter;
  request.packages = made_of.packages;
  request.plan_options = made_of.plan_options;
  return request;
}

[[noreturn]] void throw_lost_package(const std::string& target) {
  throw Corruption("a package of " + target + " is not in the store", "add its wheel again with `cas add`");
}

CreateResult change(const EnvironmentRequest& request) {
  auto result = change_environment(request);
  if (!result) throw_lost_package(request.target);
  return std::move(*result);
}

// The interpreter that is asked for; without a wish, what the captured one's original is now.
InterpreterFacts wanted_python(const Store& store, const Anchor& anchor, const std::optional<std::string>& wish) {
  std::optional<std::string> text = wish;
  if (!text) {
    const auto captured = captured_at_path(store, anchor.interpreter);
    text = captured ? captured->origin : anchor.interpreter;
  }
  PythonSurroundings surroundings = process_surroundings();
  surroundings.captured = [&store] { return captured_executables(store); };
  InterpreterFacts facts = select_python(&store, parse_python_request(text), surroundings).found.facts;
  refuse_unsupported(facts);
  return facts;
}

struct KnownPackages {
  const Store& store;
  std::vector<Package> packages;
};

// The store's, then what base stores have and is taken over with the plan.
std::vector<KnownPackages> known_packages(const Store& store) {
  std::vector<KnownPackages> known{{store, list_packages(store.index())}};
  for (const Store& base : store.bases()) known.push_back({base, list_packages(base.index())});
  return known;
}

// Another wheel of the same name and version that fits; nullopt: nobody has one.
std::optional<PlannedPackage> fitting_package(const std::vector<KnownPackages>& known, const PlannedPackage& package,
                                              const InterpreterFacts& facts, const TagSet& tags) {
  for (const KnownPackages& place : known) {
    for (const Package& other : place.packages) {
      if (other.row.normalized_name != package.metadata.normalized_name) continue;
      if (other.row.version != package.metadata.version) continue;
      PlannedPackage candidate = package;
      candidate.artifact = other.artifact;
      candidate.metadata = read_manifest(place.store.layout(), other.row.manifest).metadata;
      candidate.files.clear();
      candidate.direct_url.clear();  // it named the other file
      candidate.built_from.reset();
      if (!misfit(candidate.metadata, facts, tags)) return candidate;
    }
  }
  return std::nullopt;
}

std::vector<PlannedPackage> fit_packages(const Store& store, std::vector<PlannedPackage> packages,
                                         const InterpreterFacts& facts, UpgradeResult& result) {
  const TagSet tags(facts);
  if (!load_packages(store, packages)) throw_lost_package(result.path);
  const std::vector<KnownPackages> known = known_packages(store);
  std::string missing;
  for (PlannedPackage& package : packages) {
    package.files.clear();
    if (is_interpreter(package.metadata) || !misfit(package.metadata, facts, tags)) continue;
    const std::string label = package.metadata.name + " " + package.metadata.version;
    if (auto other = fitting_package(known, package, facts, tags)) {
      package = std::move(*other);
      result.other_wheels.push_back(label);
    } else {
      missing += (missing.empty() ? "" : ", ") + label;
    }
  }
  if (!missing.empty()) {
    throw InvalidInput(
        fmt::format("{}: the store has no wheel that fits {} of {}", result.path, python_label(facts), missing),
        "add such wheels with `cas add`, or create the environment anew with other versions");
  }
  sort_for_plan(packages);
  return packages;
}

// Seeds came with an interpreter, so their wheels are at hand where it has been changed in place in the store.
void mend_from_bundled(const Store& store, const Reproduction& made_of, Progress& progress) {
  std::vector<WheelRequest> wheels;
  const std::vector<std::string> folders = bundled_wheel_folders(made_of.facts);
  for (const PlannedPackage& package : made_of.packages) {
    for (const std::string& folder : folders) {
      const std::string path = folder + "/" + package.metadata.file_name;
      const auto info = stat_path(path);
      if (info && identify_artifact(open_user_file(path).get(), path, store.index()).digest == package.artifact)
        wheels.push_back({path, package.artifact});
    }
  }
  IngestOptions options;
  options.known = KnownWheels::looked_after;
  for (const IngestResult& result : ingest_wheels(store, wheels, options, progress)) {
    if (!result.error.empty()) throw InvalidInput(result.error, result.error_hint);
  }
}

CreateResult restore_once(const Store& store, const std::string& path, Progress& progress) {
  const std::string target = resolve_target(path);
  recover_environment(store, target);
  const Anchor anchor = find_root(store, target).anchor;
  if (const auto lost = lost_interpreter_of(store, anchor)) static_cast<void>(restore_captured(store, *lost, progress));
  Reproduction made_of = reproduce(store, anchor, target);
  if (const auto captured = captured_at_path(store, anchor.interpreter))
    static_cast<void>(repair_tree(store, *captured));
  mend_from_bundled(store, made_of, progress);
  // What is placed now must be right: there may be damage that brought the user here.
  made_of.options.check = true;
  made_of.options.command = "doctor";
  // What pip replaced or removed is not put back.
  for (const TakenOver& taken : look_at_others(store, anchor, target).taken_over) {
    std::erase_if(made_of.packages, [&](const PlannedPackage& package) {
      return package.artifact == anchor.packages[taken.package].artifact;
    });
  }
  return change(request_for(store, anchor, target, made_of, progress));
}

UpgradeResult upgrade_once(const Store& store, const std::string& path, const UpgradeOptions& options,
                           Progress& progress) {
  UpgradeResult result;
  result.path = resolve_target(path);
  recover_environment(store, result.path);
  const Anchor anchor = find_root(store, result.path).anchor;
  result.python_before = anchor.python_version;
  InterpreterFacts facts = wanted_python(store, anchor, options.python);
  result.python_after = facts.version;
  result.base_after = facts.executable;

  Reproduction made_of = reproduce_packages(store, anchor, result.path);
  made_of.options.threads = options.threads;
  made_of.options.command = "upgrade";
  std::vector<Sha256Digest> artifacts;
  for (const PlannedPackage& package : made_of.packages) artifacts.push_back(package.artifact);
  if (!options.dry_run) take_over_packages(store, artifacts, options.threads);
  made_of.packages = fit_packages(store, std::move(made_of.packages), facts, result);
  std::optional<StoredInterpreter> captured;
  if (made_of.base != BaseKind::system) {
    captured = captured_at_path(store, facts.executable);
    if (!captured) captured = find_captured(store, facts.executable);
    if (!captured && options.dry_run) return result.changed = true, result;
    if (!captured) captured = owned_interpreter(store, facts, {false, options.threads}, progress).interpreter;
    facts = facts_of(*captured).value_or(facts);
    result.base_after = facts.executable;
  }
  result.changed = facts.executable != anchor.interpreter || facts.version != anchor.python_version;
  if (!result.changed || options.dry_run) return result;

  made_of.facts = facts;
  made_of.own_interpreter.reset();
  if (made_of.base == BaseKind::standalone) {
    made_of.own_interpreter = interpreter_package(*captured);
    made_of.packages.insert(made_of.packages.begin(), *made_of.own_interpreter);
  }
  if (made_of.options.compile_bytecode) made_of.plan_options.bytecode = interpreter_bytecode(facts);
  EnvironmentRequest request = request_for(store, anchor, result.path, made_of, progress);
  request.remade.emplace();
  result.warnings = change(request).warnings;
  return result;
}

}  // namespace

CreateResult restore_environment(const Store& store, const std::string& path, Progress& progress) {
  return planned_until_it_fits([&] { return restore_once(store, path, progress); });
}

UpgradeResult upgrade_environment(const Store& store, const std::string& path, const UpgradeOptions& options,
                                  Progress& progress) {
  return planned_until_it_fits([&] { return upgrade_once(store, path, options, progress); });
}

std::vector<std::string> outdated_environments(const Store& store) {
  std::vector<std::string> paths;
  for (const Root& root : list_environments(store)) {
    if (root.state != AnchorState::live || !root.at_target) continue;
    const auto captured = captured_at_path(store, root.anchor.interpreter);
    if (captured && is_outdated(*captured)) paths.push_back(root.anchor.target);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace cas
