#include "linker/environment_restoring.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "linker/environment_others.hpp"
#include "linker/environment_plan.hpp"
#include "linker/environment_reproduction.hpp"
#include "linker/environment_request.hpp"
#include "linker/package_selection.hpp"
#include "linker/plan_bytecode.hpp"
#include "linker/plan_paths.hpp"
#include "linker/python/capture.hpp"
#include "linker/python/python_selection.hpp"
#include "linker/python/tree_repair.hpp"
#include "linker/replanning.hpp"
#include "linker/seed.hpp"
#include "linker/tags.hpp"
#include "store/artifact_identity.hpp"
#include "store/base/relpath.hpp"
#include "store/damage.hpp"
#include "store/ingest.hpp"
#include "store/lost_interpreters.hpp"
#include "store/object_check.hpp"
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

// Seeds came with an interpreter, so their wheels are at hand.
std::vector<WheelRequest> bundled_wheels(const Store& store, const Reproduction& made_of) {
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
  return wheels;
}

// Where they have been changed in place in the store.
void mend_from_bundled(const Store& store, const Reproduction& made_of, Progress& progress) {
  const std::vector<WheelRequest> wheels = bundled_wheels(store, made_of);
  IngestOptions options;
  options.known = KnownWheels::looked_after;
  for (const IngestResult& result : ingest_wheels(store, wheels, options, progress)) {
    if (!result.error.empty()) throw InvalidInput(result.error, result.error_hint);
  }
}

// What pip replaced or removed is not put back.
void leave_to_others(const Store& store, const Anchor& anchor, const std::string& target, Reproduction& made_of) {
  for (const TakenOver& taken : look_at_others(store, anchor, target).taken_over) {
    std::erase_if(made_of.packages, [&](const PlannedPackage& package) {
      return package.artifact == anchor.packages[taken.package].artifact;
    });
  }
}

// Nothing is made of what is damaged; what the interpreter's own wheels have is mended before.
void refuse_damaged(const Store& store, const PlannedPackage& package) {
  for (const PackageFile& file : package.files) {
    if (file.kind != FileKind::regular || file.size == 0) continue;
    const auto row = find_object(store, file.object);
    const auto info = row ? stat_path(store.layout().object(row->segment, file.object)) : std::nullopt;
    if (info && look_at_object(*info, file.object, row->size, store.ownership()).state == ObjectState::sound) continue;
    throw Corruption(fmt::format("{}: its object {} {}", printable(file.path), file.object.file_name(),
                                 info ? "was changed in place" : "is missing"),
                     object_remedy(store, file.object));
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
  leave_to_others(store, anchor, target, made_of);
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

namespace {

// What cas made itself for this plan, bytecode and RECORDs, is placed from the store, too.
void refuse_damaged_made(const Store& store, const Plan& plan, const std::vector<PlannedPackage>& packages) {
  std::unordered_set<ObjectId> of_packages;
  for (const PlannedPackage& package : packages) {
    for (const PackageFile& file : package.files) of_packages.insert(file.object);
  }
  PlannedPackage made;
  for (const PlanFile& file : plan.files) {
    if (of_packages.contains(file.object)) continue;
    PackageFile& placed = made.files.emplace_back();
    placed.path = join_path(plan.directories[file.directory], file.name);
    placed.object = file.object;
    placed.size = file.size;
  }
  refuse_damaged(store, made);
}

// As a change of the environment refuses them.
void refuse_linked_directories(const Plan& plan, const std::string& target) {
  const Fd root = open_directory(target);
  for (const std::string& directory : plan.directories) {
    const auto info = directory.empty() ? std::nullopt : stat_at(root.get(), directory);
    if (!info || !S_ISLNK(info->st_mode)) continue;
    throw Error(fmt::format("{} is a symbolic link, and nothing is written through it", printable(directory)),
                "remove the link");
  }
}

// Whether what is wrong with its tree could be put right.
void foresee_interpreter(const Store& store, const StoredInterpreter& interpreter) {
  const std::vector<TreeProblem> problems = tree_problems(store, interpreter);
  std::vector<PlannedPackage> packages{interpreter_package(interpreter)};
  if (problems.empty() || !load_packages(store, packages)) return;
  std::erase_if(packages.front().files, [&](const PackageFile& file) {
    return std::ranges::find(problems, file.path, &TreeProblem::path) == problems.end();
  });
  refuse_damaged(store, packages.front());
}

// Whether its tree could be made again.
void foresee_interpreter(const Store& store, const LostInterpreter& lost) {
  PlannedPackage package;
  package.artifact = lost.artifact;
  std::vector<PlannedPackage> packages{package};
  if (load_packages(store, packages)) refuse_damaged(store, packages.front());
}

}  // namespace

void foresee_restoration(const Store& store, const std::string& path) {
  const std::string target = resolve_target(path);
  const Anchor anchor = find_root(store, target).anchor;
  const auto lost = lost_interpreter_of(store, anchor);
  if (lost) foresee_interpreter(store, *lost);
  if (const auto captured = captured_at_path(store, anchor.interpreter)) foresee_interpreter(store, *captured);
  // What a lost interpreter would say of itself is not needed for looking.
  Reproduction made_of = lost ? reproduce_packages(store, anchor, target) : reproduce(store, anchor, target);
  const std::vector<WheelRequest> at_hand = lost ? std::vector<WheelRequest>{} : bundled_wheels(store, made_of);
  const std::size_t all = made_of.packages.size();
  leave_to_others(store, anchor, target, made_of);
  const bool same_plan = made_of.packages.size() == all;
  if (!load_packages(store, made_of.packages)) throw_lost_package(target);
  if (const auto plan = same_plan ? find_plan(store, anchor.plan) : std::nullopt) {
    refuse_linked_directories(*plan, target);
    refuse_damaged_made(store, *plan, made_of.packages);
  }
  for (const PlannedPackage& package : made_of.packages) {
    const bool is_at_hand =
        std::ranges::any_of(at_hand, [&](const WheelRequest& wheel) { return wheel.pinned == package.artifact; });
    if (!is_at_hand) refuse_damaged(store, package);
  }
}

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
