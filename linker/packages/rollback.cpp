#include "linker/packages/rollback.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "linker/environment_condition.hpp"
#include "linker/environment_request.hpp"
#include "linker/packages/package_changes.hpp"
#include "linker/replanning.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/packages/packages.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"
#include "store/take_over.hpp"

namespace cas {
namespace {

// Finishes what a killed command has left, but for a dry run.
Anchor current_anchor(const Store& store, const std::string& target, bool dry_run, std::vector<std::string>& warnings) {
  if (!dry_run) recover_environment(store, target);
  Anchor anchor = find_root(store, target).anchor;
  if (dry_run) return anchor;
  try {
    settle_history(store, anchor);
  } catch (const Error& error) {
    warnings.push_back("what the environment was before the last change is not known any more: " + error.message());
  }
  return anchor;
}

std::vector<PackageStep> steps_between(const Anchor& before, const Anchor& after) {
  std::map<std::string, PackageStep> steps;
  for (const AnchoredPackage& package : user_packages(before))
    steps[normalize_name(package.name)] = {package.name, package.version, ""};
  for (const AnchoredPackage& package : user_packages(after)) {
    PackageStep& step = steps[normalize_name(package.name)];
    step.name = package.name;
    step.after = package.version;
  }
  std::vector<PackageStep> changed;
  for (auto& [name, step] : steps) {
    if (step.before != step.after) changed.push_back(std::move(step));
  }
  return changed;
}

std::string numbers_of(const std::vector<Revision>& revisions) {
  std::string text;
  for (std::size_t i = 0; i + 1 < revisions.size(); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", revisions[i].number);
  return text;
}

const Revision& choose_revision(const std::string& target, const std::vector<Revision>& revisions,
                                const std::optional<std::uint64_t>& wish) {
  const std::uint64_t current = revisions.back().number;
  const std::uint64_t number = wish.value_or(current - 1);
  if (number == current)
    throw UsageError(fmt::format("{} is at revision {} already", printable(target), number),
                     "`cas history` lists them");
  const auto found = std::ranges::find(revisions, number, &Revision::number);
  if (found != revisions.end()) return *found;
  const std::string others = numbers_of(revisions);
  throw NotFound(
      wish ? fmt::format("{} has no revision {} that it could be rolled back to", printable(target), number)
           : fmt::format("{} has no earlier revision that is known", printable(target)),
      others.empty() ? "revisions are kept for 30 days after they were replaced, 20 at most" : "there are: " + others);
}

void refuse_missing(const Store& store, const Revision& revision) {
  std::string missing;
  for (const AnchoredPackage& package : revision.anchor.packages) {
    if (find_package_anywhere(store, package.artifact)) continue;
    missing += fmt::format("{}{} {}", missing.empty() ? "" : ", ", printable(package.name), printable(package.version));
  }
  if (missing.empty()) return;
  throw NotFound(fmt::format("revision {} needs what the store does not have any more: {}", revision.number, missing),
                 "add their wheels again with `cas add`, or choose another revision");
}

RollbackResult roll_back_once(const Store& store, const std::string& path, const RollbackOptions& options,
                              Progress& progress) {
  RollbackResult result;
  result.path = resolve_target(path);
  const Anchor current = current_anchor(store, result.path, options.dry_run, result.warnings);
  const std::vector<Revision> revisions = list_revisions(store, current, result.warnings);
  const Revision& revision = choose_revision(result.path, revisions, options.revision);
  refuse_missing(store, revision);
  result.to = revision.number;
  result.python_before = current.python_version;
  result.python_after = revision.anchor.python_version;

  ChangedEnvironment environment;
  environment.target = result.path;
  environment.anchor = current;
  environment.made_of = reproduce(store, revision.anchor, result.path);
  environment.made_of.options.command = "rollback";
  environment.made_of.options.threads = options.threads;
  environment.kept = look_at_environment(store, result.path).value();
  environment.installed = read_installed(result.path);
  PackageChange change;
  change.dry_run = options.dry_run;
  for (const PlannedPackage& package : environment.made_of.packages) {
    if (!is_interpreter(package.metadata)) change.put.push_back(package);
  }
  for (const PlannedPackage& package : environment.kept.packages) {
    const std::string& name = package.metadata.normalized_name;
    const auto has = [&](const PlannedPackage& other) { return other.metadata.normalized_name == name; };
    if (std::ranges::none_of(change.put, has)) change.take.insert(name);
  }
  result.steps = steps_to(environment, packages_after(environment, change));
  result.broken = broken_by(store, environment, change, result.steps);
  if (options.dry_run) {
    static_cast<void>(others_files_to_go(environment, change));
    return result;
  }
  auto made = carry_out(store, environment, change, progress);
  if (!made) {
    refuse_missing(store, revision);
    throw Error("packages of the revision are collected while it is restored", "wait for `cas gc` to finish");
  }
  if (!made->unchanged) result.revision = find_root(store, result.path).anchor.revision;
  result.warnings.insert(result.warnings.end(), made->warnings.begin(), made->warnings.end());
  return result;
}

}  // namespace

RollbackResult roll_back(const Store& store, const std::string& path, const RollbackOptions& options,
                         Progress& progress) {
  return planned_until_it_fits([&] { return roll_back_once(store, path, options, progress); });
}

std::vector<RevisionChange> environment_history(const Store& store, const std::string& path,
                                                std::vector<std::string>& warnings) {
  const std::string target = resolve_target(path);
  const std::vector<Revision> revisions =
      list_revisions(store, current_anchor(store, target, false, warnings), warnings);
  std::vector<RevisionChange> changes;
  for (std::size_t i = 0; i < revisions.size(); ++i) {
    RevisionChange& change = changes.emplace_back();
    change.revision = revisions[i];
    change.current = i + 1 == revisions.size();
    const bool follows = i > 0 && revisions[i - 1].number + 1 == revisions[i].number;
    const Anchor& after = revisions[i].anchor;
    if (follows) {
      const Anchor& before = revisions[i - 1].anchor;
      change.steps = steps_between(before, after);
      if (before.python_version != after.python_version) change.python_before = before.python_version;
    } else if (revisions[i].number == 1) {
      Anchor nothing = after;
      nothing.packages.clear();
      change.steps = steps_between(nothing, after);
    }
  }
  return changes;
}

std::size_t drop_history(const Store& store, const std::string& path, bool dry_run) {
  std::vector<std::string> warnings;  // of what would go anyway
  return drop_revisions(store, current_anchor(store, resolve_target(path), dry_run, warnings), dry_run);
}

}  // namespace cas
