#include "linker/locked/lock_freshness.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "linker/locked/marker_facts.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/source/version.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"
#include "store/sys/system_name.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostProjectBytes = std::size_t{16} << 20;
constexpr std::size_t kShown = 5;

bool is_satisfied(const Requirement& requirement, const LockedPackage& package) {
  // Where it comes from is compared by kind alone: addresses have many spellings.
  if (!requirement.url.empty()) return package.archive || package.vcs || package.directory;
  const auto version = Version::parse(package.version);
  return !version || requirement.specifiers.empty() || requirement.specifiers.contains(*version, Prereleases::allowed);
}

std::vector<std::string> known_ones(const std::vector<std::string>& names, const ProjectLists& known) {
  std::vector<std::string> found;
  for (const std::string& name : names) {
    if (known.contains(normalize_name(name))) found.push_back(normalize_name(name));
  }
  return found;
}

// What of the project the lock is asked for.
ProjectChoice choice_of(const LockSource& source, const ProjectFile& project, const PackageInputs& inputs,
                        std::string_view lock_name) {
  ProjectChoice choice;
  if (lock_name == "uv.lock" || lock_name == "poetry.lock") {
    choice.extras = inputs.wishes.extras;
    choice.all_extras = inputs.all_extras;
    choice.groups = inputs.wishes.groups.value_or(std::vector<std::string>{});
    choice.rules = inputs.group_rules;
    if (lock_name == "uv.lock" && choice.groups.empty() && !choice.rules.no_defaults && !choice.rules.only)
      choice.groups = project.default_groups;
  } else {
    choice.extras = source.wishes.extras;
    choice.groups = source.wishes.groups.value_or(source.lock.default_groups);
    choice.rules.only = inputs.group_rules.only;
  }
  // The lock was asked for them, and had them.
  choice.extras = known_ones(choice.extras, project.extras);
  choice.groups = known_ones(choice.groups, project.groups);
  return choice;
}

// What is wrong where the project is not for this Python; nullopt: it is, or there is no project.
std::optional<std::string> excluded_python(const std::string& project_path, const InterpreterFacts& facts) {
  if (!stat_path(project_path)) return std::nullopt;
  const ProjectFile project = parse_project_file(read_file(project_path, kMostProjectBytes), printable(project_path));
  if (is_for_python(project.requires_python, facts)) return std::nullopt;
  return fmt::format("{} requires Python {}, and {} is {}", printable(project_path), project.requires_python.text(),
                     printable(facts.executable), python_label(facts));
}

// nullopt: there is none, or it asks for nothing.
std::optional<std::vector<ListedRequirement>> asked_beside(const LockSource& source, const std::string& project_path,
                                                           const PackageInputs& inputs, std::string_view lock_name) {
  if (!stat_path(project_path)) return std::nullopt;
  const ProjectFile project = parse_project_file(read_file(project_path, kMostProjectBytes), printable(project_path));
  const ProjectChoice choice = choice_of(source, project, inputs, lock_name);
  if (!project.has_project && choice.groups.empty() && !choice.rules.all) return std::nullopt;
  std::vector<ListedRequirement> asked = project_requirements(project, choice);
  std::erase_if(asked,
                [&](const ListedRequirement& one) { return project.overridden.contains(one.requirement.normalized); });
  return asked;
}

const char* remedy_of(std::string_view lock_name) {
  if (lock_name == "uv.lock") return "`uv lock` locks it anew";
  return lock_name == "poetry.lock" ? "`poetry lock` locks it anew" : "`cas lock -o pylock.toml` locks it anew";
}

}  // namespace

std::vector<std::string> unmet_requirements(const LockSource& source, const std::vector<ListedRequirement>& asked,
                                            const InterpreterFacts& facts) {
  const MarkerEnvironment environment = marker_environment(facts, system_name());
  std::map<std::string_view, const LockedPackage*> packages;
  for (const LockedChoice& choice : select_locked(source.lock, facts, environment, source.wishes, source.place))
    packages.emplace(choice.package->name, choice.package);
  std::vector<std::string> unmet;
  for (const ListedRequirement& listed : asked) {
    const Requirement& requirement = listed.requirement;
    if (requirement.normalized.empty() || !requirement.applies(environment)) continue;
    const auto found = packages.find(requirement.normalized);
    if (found != packages.end() && is_satisfied(requirement, *found->second)) continue;
    unmet.push_back(fmt::format("{}, and it has {}", printable(requirement.text()),
                                found == packages.end()          ? "none"
                                : found->second->version.empty() ? found->second->name
                                                                 : found->second->name + " " + found->second->version));
  }
  return unmet;
}

void check_freshness(const std::string& path, const LockSource& source, const PackageInputs& inputs,
                     const InterpreterFacts& facts, Progress& progress) {
  const std::string place = absolute_path(path);
  const std::string_view lock_name = name_of(place);
  const bool required = inputs.freshness == Freshness::required;
  const bool is_projects = lock_name == "pylock.toml" || lock_name == "uv.lock" || lock_name == "poetry.lock";
  if (inputs.freshness == Freshness::unasked || (!required && !is_projects)) return;
  const std::string project = std::string(parent_of(place)) + "/pyproject.toml";
  std::optional<std::vector<ListedRequirement>> asked;
  std::optional<std::string> excluded;
  try {
    excluded = excluded_python(project, facts);
    if (excluded && required) throw InvalidInput(*excluded, "-p PYTHON names another one");
    asked = asked_beside(source, project, inputs, lock_name);
  } catch (const Error&) {
    if (required) throw;
  }
  if (excluded) progress.warning(*excluded + " (-p PYTHON names another one)");
  if (!asked) return;
  std::vector<std::string> unmet = unmet_requirements(source, *asked, facts);
  if (unmet.empty()) return;
  if (unmet.size() > kShown) {
    const std::string rest = fmt::format("{} more", unmet.size() - kShown);
    unmet.resize(kShown);
    unmet.push_back(rest);
  }
  const std::string text =
      fmt::format("{} has not what {} asks for: {}", printable(place), printable(project), fmt::join(unmet, "; "));
  if (required) throw InvalidInput(text, remedy_of(lock_name));
  progress.warning(fmt::format("{} ({})", text, remedy_of(lock_name)));
}

}  // namespace cas
