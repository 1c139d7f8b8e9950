#include "linker/locked/package_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "linker/locked/digest_search.hpp"
#include "linker/locked/exported_lock.hpp"
#include "linker/locked/lock_freshness.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostLockBytes = std::size_t{256} << 20;

std::vector<std::string> normalized_names(const std::vector<std::string>& names) {
  std::vector<std::string> normalized;
  for (const std::string& name : names) normalized.push_back(normalize_name(name));
  return normalized;
}

// The project's own dependencies have a group of their own, as the specification means default-groups: one that is in no other list. Else
// packages without a marker may be theirs, or the group's.
bool tells_groups_apart(const Pylock& lock) {
  const std::vector<std::string> known = normalized_names(lock.dependency_groups);
  return std::ranges::any_of(normalized_names(lock.default_groups),
                             [&](const std::string& group) { return std::ranges::find(known, group) == known.end(); });
}

}  // namespace

std::string PackageInputs::python_versions() const {
  if (!python.empty()) return python;
  std::string text;
  const auto add = [&](const SpecifierSet& versions) {
    if (!versions.empty()) text += (text.empty() ? "" : ",") + versions.text();
  };
  for (const PythonDemand& demand : pythons) add(demand.versions);
  for (const LockPython& lock : lock_pythons) add(lock.versions);
  return text;
}

std::vector<std::string> PackageInputs::preferred_pythons() const {
  std::vector<std::string> preferred;
  if (!python.empty()) return preferred;
  for (const LockPython& lock : lock_pythons) {
    if (!lock.made_for.empty()) preferred.push_back(lock.made_for);
  }
  return preferred;
}

SpecifierSet PackageInputs::project_pythons() const {
  std::vector<Specifier> clauses;
  for (const PythonDemand& demand : pythons)
    clauses.insert(clauses.end(), demand.versions.clauses().begin(), demand.versions.clauses().end());
  return SpecifierSet(std::move(clauses));
}

void refuse_python(const PackageInputs& inputs, const InterpreterFacts& facts) {
  for (const PythonDemand& demand : inputs.pythons) {
    if (is_for_python(demand.versions, facts)) continue;
    throw InvalidInput(fmt::format("{} requires Python {}, and {} is {}", demand.place, demand.versions.text(),
                                   printable(facts.executable), python_label(facts)),
                       fmt::format("-p '{}'", demand.versions.text()));
  }
}

LockSource read_lock(const std::string& path, const LockWishes& wishes) {
  LockSource source;
  source.place = absolute_path(path);
  source.directory = std::string(parent_of(source.place));
  const Fd file = open_user_file(path);
  source.lock = parse_pylock(read_fd(file.get(), kMostLockBytes, path), source.place);
  source.wishes = wishes;
  source.requested = source.lock.requested;
  return source;
}

LockSource read_chosen_lock(const std::string& path, const PackageInputs& inputs) {
  LockSource source = read_lock(path, inputs.wishes);
  if (inputs.group_rules.only && !tells_groups_apart(source.lock)) {
    throw UsageError(
        source.place +
            " does not tell what a dependency group needs by itself (--only-group): it has no default-groups " +
            "for the project's own dependencies",
        "--group installs the group with these; or name the pyproject.toml that it was locked for, or its uv.lock");
  }
  if (inputs.all_extras) source.wishes.extras = source.lock.extras;
  if (inputs.group_rules.are_said()) {
    const std::vector<std::string> named = inputs.wishes.groups.value_or(std::vector<std::string>{});
    source.wishes.groups = chosen_groups(named, inputs.group_rules, normalized_names(source.lock.dependency_groups),
                                         normalized_names(source.lock.default_groups));
  }
  return source;
}

LockedSupply::Locks find_locks(const PackageInputs& inputs, PackageNetwork& network) {
  return [&inputs, &network](const Store& store, const InterpreterFacts& facts, Progress& progress) {
    refuse_python(inputs, facts);
    std::vector<LockSource> sources;
    for (const std::string& path : inputs.locks) {
      const bool foreign = is_foreign_lock_name(name_of(path));
      sources.push_back(foreign ? export_lock(store, network, path, inputs, facts, progress)
                                : read_chosen_lock(path, inputs));
      check_freshness(path, sources.back(), inputs, facts, progress);
      search_digests(store, network, facts, WeakHashes::nothing, sources.back(), progress);
    }
    const std::vector<ListedRequirement>& listed = inputs.requirements.requirements;
    if (!inputs.locks.empty() && !listed.empty() && std::ranges::all_of(listed, &ListedRequirement::constraint)) {
      progress.warning("constraints (-c) say nothing of what a lock has decided");
    }
    if (!inputs.requirements.requirements.empty()) {
      sources.push_back(resolve(store, network, inputs.requirements, facts, inputs.resolve, progress));
    }
    return sources;
  };
}

}  // namespace cas
