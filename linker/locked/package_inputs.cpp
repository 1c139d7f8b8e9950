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
constexpr std::size_t kMostProjectBytes = std::size_t{16} << 20;

// A build between versions ("3.11.2+") counts as that version.
Version version_of(const InterpreterFacts& facts) {
  const std::string_view text = facts.version;
  const auto version = Version::parse(text.substr(0, text.find('+')));
  return version ? *version : *Version::parse(fmt::format("{}.{}", facts.major, facts.minor));
}

std::vector<std::string> normalized_names(const std::vector<std::string>& names) {
  std::vector<std::string> normalized;
  for (const std::string& name : names) normalized.push_back(normalize_name(name));
  return normalized;
}

}  // namespace

std::string PackageInputs::python_versions() const {
  if (!python.empty()) return python;
  std::string text;
  const auto add = [&](const SpecifierSet& versions) {
    if (!versions.empty()) text += (text.empty() ? "" : ",") + versions.text();
  };
  for (const PythonDemand& demand : pythons) add(demand.versions);
  for (const SpecifierSet& versions : lock_pythons) add(versions);
  return text;
}

void refuse_python(const PackageInputs& inputs, const InterpreterFacts& facts) {
  for (const PythonDemand& demand : inputs.pythons) {
    if (demand.versions.contains(version_of(facts), Prereleases::allowed)) continue;
    throw InvalidInput(fmt::format("{} requires Python {}, and {} is {}", demand.place, demand.versions.text(),
                                   printable(facts.executable), python_label(facts)),
                       fmt::format("-p '{}'", demand.versions.text()));
  }
}

SpecifierSet python_of_lock(const std::string& path) {
  try {
    if (!is_foreign_lock_name(name_of(path))) {
      const Pylock lock = parse_pylock(read_file(path, kMostLockBytes), printable(path));
      return SpecifierSet::parse(lock.requires_python).value_or(SpecifierSet{});
    }
    const std::string project = std::string(parent_of(absolute_path(path))) + "/pyproject.toml";
    return parse_project_file(read_file(project, kMostProjectBytes), project).requires_python;
  } catch (const Error&) {
    return {};
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
  if (inputs.group_rules.only) {
    throw UsageError(printable(path) + " does not tell what a dependency group needs by itself (--only-group)",
                     "name the pyproject.toml that it was locked for, or its uv.lock");
  }
  LockSource source = read_lock(path, inputs.wishes);
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
