#include "linker/environment.hpp"

#include <algorithm>
#include <set>

#include "linker/environment_exactness.hpp"
#include "linker/environment_keep.hpp"
#include "linker/environment_request.hpp"
#include "linker/package_selection.hpp"
#include "linker/plan_bytecode.hpp"
#include "linker/python/capture.hpp"
#include "linker/python/python_selection.hpp"
#include "linker/replanning.hpp"
#include "store/base/relpath.hpp"
#include "store/base/timing.hpp"
#include "store/source/python_tree.hpp"
#include "store/source/version.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr int kMaxRounds = 10;

// The newest patch of the environment's implementation, kind of build and minor version.
SelectedPython newest_patch(const Store& store, const Anchor& anchor, const PythonSurroundings& surroundings,
                            bool dry_run) {
  const std::string library(name_of(parent_of(anchor.site_packages)));  // "python3.12", "python3.13t", "pypy3.10"
  const PythonRequest request = parse_python_request(library);
  PythonListing listing = list_pythons(dry_run ? nullptr : &store, request, surroundings);
  const auto is_better = [&](const FoundPython& a, const FoundPython& b) {
    const Misgivings left = judge_python(request, a.facts).value_or(~0U);
    const Misgivings right = judge_python(request, b.facts).value_or(~0U);
    if (left != right) return left < right;
    const auto version = Version::parse(a.facts.version);
    const auto other = Version::parse(b.facts.version);
    return version && other && *version > *other;
  };
  std::erase_if(listing.pythons, [&](const FoundPython& python) {
    return python.facts.library_name != library || unsupported_reason(python.facts);
  });
  const auto best = std::ranges::min_element(listing.pythons, is_better);
  if (best == listing.pythons.end()) {
    throw NotFound(
        "there is no " + library + " to upgrade the environment to, which stands on Python " + anchor.python_version,
        "name another interpreter with -p PYTHON; `cas python list` shows those that are there");
  }
  return {std::move(*best), {}};
}

SelectedPython choose_python(const Store& store, const CreateOptions& options,
                             const std::optional<KeptEnvironment>& kept) {
  PythonSurroundings surroundings = process_surroundings();
  surroundings.captured = [&store] { return captured_executables(store); };
  if (options.upgrade && kept && !options.python)
    return newest_patch(store, kept->anchor, surroundings, options.dry_run);
  std::vector<std::optional<std::string>> wishes{options.python};
  if (!options.python && !options.python_versions.empty()) wishes.front() = options.python_versions;
  std::vector<PythonRequest> preferred;
  if (!options.python) {
    for (const std::string& one : options.preferred_pythons) preferred.push_back(parse_python_request(one));
  }
  wishes.insert(wishes.end(), options.other_pythons.begin(), options.other_pythons.end());
  for (std::size_t i = 0;; ++i) {
    try {
      // Facts are remembered in the store.
      PythonRequest request = parse_python_request(wishes[i]);
      request.preferred = preferred;
      SelectedPython python = select_python(options.dry_run ? nullptr : &store, request, surroundings);
      refuse_unsupported(python.found.facts);
      return python;
    } catch (const UsageError&) {
      throw;
    } catch (const Error&) {
      if (i + 1 == wishes.size()) throw;
    }
  }
}

BaseKind wanted_base(const EnvironmentRequest& request) {
  if (request.options.base) return *request.options.base;
  if (request.options.system_site_packages) return BaseKind::system;
  const auto before = read_environment_anchor(request.target);
  return before ? parse_base_kind(before->base).value_or(BaseKind::system) : BaseKind::store;
}

// As choose_base(), without capturing anything: a Python that turns out not to be capturable is not foreseen.
void foresee_base(EnvironmentRequest& request) {
  auto captured = captured_at_path(request.store, request.facts.executable);
  if (!captured) captured = find_captured(request.store, request.facts.executable);
  if (captured) {
    request.facts = facts_of(*captured).value_or(request.facts);
  } else {
    request.captured = request.facts.implementation + "-" + request.facts.version;
  }
}

// Puts the interpreter that was found where the environment wants it.
void choose_base(EnvironmentRequest& request, std::vector<std::string>& warnings) {
  request.base = wanted_base(request);
  if (request.base == BaseKind::system) return;
  if (request.options.dry_run) {
    foresee_base(request);
    return;
  }
  CaptureOptions options;
  options.threads = request.options.threads;
  try {
    const OwnedInterpreter owned = owned_interpreter(request.store, request.facts, options, request.progress);
    request.facts = owned.facts;
    if (owned.captured_now) request.captured = owned.interpreter.name;
    if (request.base == BaseKind::store) return;
    request.own_interpreter = interpreter_package(owned.interpreter);
  } catch (const NotCapturable& error) {
    if (request.options.base) throw;
    request.base = BaseKind::system;
    warnings.push_back("the environment stands on " + request.facts.executable + " where it is, for " +
                       error.message());
  }
}

// What -p would say for the environment's own Python. One that is to stand on the system's again does not stand on the store's tree:
// on what that was captured from, else on another of that version. nullopt: it is gone.
std::optional<std::string> own_python(const Store& store, const CreateOptions& options, const Anchor& anchor) {
  const bool to_system = options.system_site_packages || options.base == BaseKind::system;
  if (to_system && anchor.base != base_kind_name(BaseKind::system)) {
    if (const auto captured = captured_at_path(store, anchor.interpreter)) {
      if (origin_state(*captured) == OriginState::same) return captured->origin;
      return std::string(name_of(parent_of(anchor.site_packages)));  // "python3.12"
    }
  }
  return stat_path(anchor.interpreter) ? std::optional(anchor.interpreter) : std::nullopt;
}

// What was asked for, completed by what the environment is.
CreateOptions completed(const Store& store, const CreateOptions& options, const std::string& target,
                        const std::optional<EnvironmentTraits>& had) {
  CreateOptions all = options;
  if (!options.copies && options.existing != Existing::clear) all.copies = has_copied_python(target);
  if (!had) return all;
  if (options.keep_python && !options.python) all.python = own_python(store, options, had->anchor);
  if (!options.prompt) all.prompt = had->prompt;
  all.relocatable = options.relocatable || had->anchor.relocatable;
  const bool system = had->anchor.base == base_kind_name(BaseKind::system);
  if (system && had->system_site_packages && (!options.base || *options.base == BaseKind::system)) {
    all.system_site_packages = true;
  }
  return all;
}

// The normalized names of what the user named.
std::set<std::string> names_of(const std::vector<PackageRequest>& files) {
  std::set<std::string> names;
  for (const PackageRequest& file : files) {
    const std::string name(name_of(file.wheel.path));
    names.insert(normalize_name(name.substr(0, name.find('-'))));
  }
  return names;
}

// Everything that the environment is to have, from where it comes.
struct Contents {
  std::vector<PackageRequest> files;   // to be read: the user's, in his order, then seeds
  std::vector<PlannedPackage> stored;  // what the store is known to have
  std::vector<IngestResult> ingested;  // of that, what had to be brought there
  std::vector<SeedWheel> seeded;
};

bool has_package(const KeptEnvironment& kept, const std::string& name) {
  return kept.installed_by_others.contains(name) ||
         std::ranges::any_of(kept.packages,
                             [&](const PlannedPackage& package) { return package.metadata.normalized_name == name; });
}

void choose_seeds(const EnvironmentRequest& request, const std::optional<KeptEnvironment>& kept, Contents& contents) {
  if (!request.options.seed) return;
  const SeedOptions& options = *request.options.seed;
  std::set<std::string> taken = names_of(contents.files);
  // Packages of others lie in the folder of the Python that they were installed for.
  if (kept && kept->anchor.site_packages == request.facts.layout.site_packages)
    taken.merge(std::set(kept->installed_by_others));
  std::vector<std::string> names = seed_names(options, request.facts);
  if (request.options.upgrade && kept) {
    std::erase_if(names, [&](const std::string& name) {
      const bool asked = seed_wish(options, name).choice == SeedWish::Choice::yes;
      return !asked && !has_package(*kept, name);
    });
  }
  std::erase_if(names, [&](const std::string& name) {
    const auto has = std::ranges::find(contents.stored, name,
                                       [](const PlannedPackage& package) { return package.metadata.normalized_name; });
    if (has == contents.stored.end()) return taken.contains(name);
    const bool wished = options.upgrade || !seed_wish(options, name).version.empty();
    if (wished) contents.stored.erase(has);
    return !wished;
  });
  for (SeedWheel& seed : choose_seeds(request.store, options, names, request.facts)) {
    if (seed.stored) {
      contents.stored.push_back(planned_package(*seed.stored));
    } else {
      contents.files.emplace_back().wheel.path = seed.path;
      const auto pin = request.options.pins.find(name_of(seed.path));
      if (pin != request.options.pins.end()) contents.files.back().wheel.pinned = pin->second;
    }
    contents.seeded.push_back(std::move(seed));
  }
}

Contents choose_contents(const EnvironmentRequest& request, const std::optional<KeptEnvironment>& kept) {
  Contents contents;
  contents.files = choose_files(request.options, request.facts);
  if (request.options.supply != nullptr) {
    PackageSupply& supply = *request.options.supply;
    SuppliedPackages supplied =
        request.options.dry_run ? supply.preview(request.store, request.facts, request.progress)
                                : supply.supply(request.store, request.facts, request.options.ingest, request.progress);
    contents.stored = std::move(supplied.packages);
    contents.ingested = std::move(supplied.ingested);
  }
  if (kept) {
    std::set<std::string> named = names_of(contents.files);
    for (const PlannedPackage& package : contents.stored) named.insert(package.metadata.normalized_name);
    for (const PlannedPackage& package : kept->packages) {
      if (!named.contains(package.metadata.normalized_name)) contents.stored.push_back(package);
    }
  }
  choose_seeds(request, kept, contents);
  return contents;
}

// What becomes of other tools' packages where exactly those named are asked for.
ForeignPackages choose_foreign(EnvironmentRequest& request, const std::optional<EnvironmentTraits>& had) {
  if (!had || request.options.existing != Existing::change) return {};
  const Exactness* const exactness = request.options.exactness;
  if (exactness == nullptr) return foreign_packages_to_stay(request.store, had->anchor, request.target);
  ForeignPackages foreign =
      exactness->foreign_packages(request.store, had->anchor, request.target, request.packages, request.facts);
  request.others_to_go = foreign.files;
  request.others_edited = foreign.edited;
  return foreign;
}

void add_foreign(const ForeignPackages& foreign, CreateResult& result) {
  std::ranges::copy(foreign.going, std::back_inserter(result.dropped));
  std::ranges::copy(foreign.warnings, std::back_inserter(result.warnings));
}

std::optional<CreateResult> build_or_change(EnvironmentRequest& request, bool there) {
  if (request.replace) {
    try {
      return build_environment(request);
    } catch (const OnlyInPlace&) {
      remove_in_place(request.target);
      if (request.before) retire_root(request.store, look_at_root(request.store, *request.before));
      request.replace = false;
      request.planned_from = "";
    }
    auto result = change_environment(request);
    if (result) result->cleared = true;
    return result;
  }
  return there ? change_environment(request) : build_environment(request);
}

std::optional<CreateResult> make(EnvironmentRequest& request, bool there) {
  try {
    return build_or_change(request, there);
  } catch (const SystemError& error) {
    if (is_full_disk(error)) throw_full_disk(request, error);
    throw;
  }
}

CreateResult create_once(const Store& store, const std::string& path, const CreateOptions& asked, Progress& progress) {
  const std::string target = resolve_target(path);
  const auto there = stat_path(target);
  if (there && !S_ISDIR(there->st_mode)) throw UsageError(target + " exists and is not a directory");
  if (!asked.in_store) refuse_place(store, target);
  Clearing clearing;
  if (there && asked.existing == Existing::clear) clearing = plan_clearing(store, target);
  std::optional<KeptEnvironment> kept;
  std::optional<EnvironmentTraits> had;
  if (there && asked.existing != Existing::clear) {
    if (!asked.dry_run) recover_environment(store, target);
    if (asked.existing == Existing::keep) kept = look_at_environment(store, target);
    refuse_foreign(target);
    had = traits_of_environment(target);
  }
  const std::optional<Anchor> before = there ? read_environment_anchor(target) : std::nullopt;
  CreateOptions options = completed(store, asked, target, had);
  const SelectedPython python = choose_python(store, options, kept);
  if (had && options.exactness != nullptr) {
    kept = KeptEnvironment{*had, options.exactness->seeds(store, had->anchor, target, python.found.facts), {}};
  }
  EnvironmentRequest request{store, options, target, python.found.facts, BaseKind::system, {}, {}, {}, {}, progress};
  request.replace = clearing.replace;
  request.before = clearing.before;
  if (there) request.planned_from = before ? before->id : std::string();
  // In an environment of ours, what was edited and stayed when its package went makes room for it again, as for `cas install`. Elsewhere
  // everything is somebody's.
  request.keep_obstacles = before.has_value();

  std::vector<std::string> warnings;
  if (!clearing.foreign.empty()) warnings.push_back(stays_beside(clearing));
  choose_base(request, warnings);
  // Only now: asked for, they would ask for the system's Python, too.
  if (kept && kept->anchor.base == base_kind_name(request.base) && kept->system_site_packages)
    options.system_site_packages = true;
  if (asked.copies.value_or(false) && request.base != BaseKind::system) {
    warnings.emplace_back(
        request.base == BaseKind::store
            ? "--copies: the interpreter is the store's own, which no update changes, and is not copied; --standalone "
              "puts it inside, --base system --copies copies the system's"
            : "--copies: a standalone environment has its interpreter inside anyway");
  }
  // What may be moved says so in its scripts.
  if (options.relocatable || request.base == BaseKind::standalone) {
    request.plan_options.scripts = ScriptStyle::relocatable;
  }
  if (options.compile_bytecode) request.plan_options.bytecode = interpreter_bytecode(request.facts);

  for (int round = 0; round < kMaxRounds; ++round) {
    const Contents contents = choose_contents(request, kept);
    if (options.dry_run) {
      request.packages = contents.stored;
      const ForeignPackages foreign = choose_foreign(request, had);
      CreateResult result = preview_environment(request, contents.files, before);
      result.warnings = std::move(warnings);
      add_foreign(foreign, result);
      compare_packages(before, result);
      result.seeded = contents.seeded;
      return result;
    }
    std::vector<IngestResult> ingested;
    {
      const Timer timer("packages");
      ingested = ingest_chosen(store, contents.files, options.ingest, progress);
    }
    request.packages = describe_packages(options.packages, contents.files, ingested);
    request.packages.insert(request.packages.end(), contents.stored.begin(), contents.stored.end());
    sort_for_plan(request.packages);
    if (request.own_interpreter) request.packages.insert(request.packages.begin(), *request.own_interpreter);
    const ForeignPackages foreign = choose_foreign(request, had);
    auto result = make(request, there.has_value());
    if (!result) continue;  // collected between being added and being anchored: add them again
    add_foreign(foreign, *result);
    compare_packages(before, *result);
    result->ingested = contents.ingested;
    std::ranges::move(ingested, std::back_inserter(result->ingested));
    result->seeded = contents.seeded;
    result->from_bases = store.from_bases();
    result->warnings.insert(result->warnings.end(), warnings.begin(), warnings.end());
    for (const BrokenPython& broken : python.passed_over) {
      result->warnings.push_back("passed over: " + broken.reason);
    }
    return std::move(*result);
  }
  throw Error("creating " + request.target + ": its packages are collected again and again meanwhile",
              "wait for `cas gc` to finish");
}

}  // namespace

CreateResult create_environment(const Store& store, const std::string& path, const CreateOptions& options,
                                Progress& progress) {
  try {
    return planned_until_it_fits([&] { return create_once(store, path, options, progress); });
  } catch (const Corruption& error) {
    const bool has_wheels =
        std::ranges::any_of(options.packages, [](const PackageRequest& one) { return !one.wheel.path.empty(); });
    if (!has_wheels || options.dry_run || options.ingest.known == KnownWheels::looked_after) throw;
    // What is damaged may be in the wheels that are named: then it is read again.
    CreateOptions again = options;
    again.ingest.known = KnownWheels::looked_after;
    CreateResult result = planned_until_it_fits([&] { return create_once(store, path, again, progress); });
    result.warnings.push_back(error.message() +
                              "; it was read again from the wheel that was named, and `cas repair` heals environments "
                              "that have the damaged file");
    return result;
  }
}

}  // namespace cas
