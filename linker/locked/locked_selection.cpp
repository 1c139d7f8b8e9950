#include "linker/locked/locked_selection.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "linker/tags.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/source/version.hpp"
#include "store/source/wheel_name.hpp"

namespace cas {
namespace {

class Selection {
 public:
  Selection(const Pylock& lock, const InterpreterFacts& facts, const MarkerEnvironment& system,
            const LockWishes& wishes, std::string_view place)
      : lock_(lock), facts_(facts), environment_(system), wishes_(wishes), place_(place), tags_(facts) {
    environment_.extras = wishes.extras;
    environment_.dependency_groups = wishes.groups ? *wishes.groups : normalized(lock.default_groups);
  }

  std::vector<LockedChoice> choose() {
    refuse_unknown(wishes_.extras, normalized(lock_.extras), "extra");
    std::vector<std::string> groups = normalized(lock_.dependency_groups);
    std::ranges::copy(normalized(lock_.default_groups), std::back_inserter(groups));
    std::ranges::sort(groups);
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    if (wishes_.groups) refuse_unknown(*wishes_.groups, groups, "dependency group");
    check_lock();
    std::vector<LockedChoice> chosen;
    std::map<std::string_view, std::size_t> seen;
    for (std::size_t i = 0; i < lock_.packages.size(); ++i) {
      const LockedPackage& package = lock_.packages[i];
      if (!holds(package.marker, fmt::format("packages[{}]", i))) continue;
      const auto [other, is_new] = seen.emplace(package.name, i);
      if (!is_new) {
        fault(fmt::format("{} is there twice for this interpreter (packages[{}] and [{}])", label(package),
                          other->second, i));
        continue;
      }
      if (const auto choice = choose_file(package)) chosen.push_back(*choice);
    }
    if (!faults_.empty()) {
      throw InvalidInput(
          fmt::format("{}: {}", place_, faults_),
          only_builds_ ? "what has to be built needs neither --no-build nor --only-binary; a wheel needs no building"
                       : "choose another interpreter with --python, or lock again for this one");
    }
    return chosen;
  }

 private:
  static std::vector<std::string> normalized(const std::vector<std::string>& names) {
    std::vector<std::string> result;
    for (const std::string& name : names) result.push_back(normalize_name(name));
    return result;
  }

  static SourceOrigin origin_of(const LockedPackage& package) {
    if (package.directory && package.directory->editable) return SourceOrigin::editable;
    return package.directory || package.archive || package.vcs ? SourceOrigin::named : SourceOrigin::index;
  }

  static std::string label(const LockedPackage& package) {
    return package.version.empty() ? package.name : package.name + " " + package.version;
  }

  void refuse_unknown(const std::vector<std::string>& wished, const std::vector<std::string>& known,
                      std::string_view kind) const {
    for (const std::string& name : wished) {
      if (std::ranges::find(known, name) != known.end()) continue;
      throw UsageError(fmt::format("{} has no {} '{}'", place_, kind, printable(name)),
                       known.empty() ? "it has none" : fmt::format("it has: {}", fmt::join(known, ", ")));
    }
  }

  // An empty marker always does.
  bool holds(const std::string& marker, std::string_view where) const {
    if (marker.empty()) return true;
    try {
      return Marker::parse(marker).evaluate(environment_);
    } catch (const UsageError& error) {
      throw InvalidInput(fmt::format("{}: {}: {}", place_, where, error.message()), error.hint());
    }
  }

  // nullopt: it does, or there is nothing to fit.
  std::optional<std::string> python_problem(const std::string& requires_python) const {
    if (requires_python.empty()) return std::nullopt;
    const auto wanted = SpecifierSet::parse(requires_python);
    const auto version = Version::parse(facts_.version);
    if (!wanted) return fmt::format("its requires-python '{}' cannot be read", printable(requires_python));
    if (!version || wanted->contains(*version, Prereleases::allowed)) return std::nullopt;
    return fmt::format("needs Python {}, and this is {}", requires_python, python_label(facts_));
  }

  void check_lock() {
    if (const auto problem = python_problem(lock_.requires_python)) fault("the lock " + *problem);
    const bool fits = lock_.environments.empty() ||
                      std::ranges::any_of(lock_.environments,
                                          [&](const std::string& marker) { return holds(marker, "environments"); });
    if (!fits) {
      fault(fmt::format("it was locked for other environments than {} on this machine ({})", python_label(facts_),
                        fmt::join(lock_.environments, "; ")));
    }
  }

  std::optional<LockedChoice> choose_file(const LockedPackage& package) {
    if (const auto problem = python_problem(package.requires_python)) {
      fault(fmt::format("{} {}", label(package), *problem));
      return std::nullopt;
    }
    if (package.archive && package.archive->name.ends_with(".whl")) return choose_archive(package);
    const LockedFile* best = nullptr;
    std::tuple<std::size_t, std::string> best_rank;
    const bool wheels_allowed = wishes_.build.format.allows_wheel(package.name);
    for (const LockedFile& wheel : package.wheels) {
      if (!wheels_allowed) break;
      const auto name = wheel_name(package, wheel);
      if (!name) return std::nullopt;
      const auto rank = tags_.rank(name->python_tags, name->abi_tags, name->platform_tags);
      if (!rank) continue;
      // Of equal tags the highest build tag: digits first, compared as a number.
      std::string build = name->build;
      const std::size_t digits = std::min(build.find_first_not_of("0123456789"), build.size());
      build.insert(0, build.empty() || digits > 20 ? 0 : 20 - digits, '0');
      const bool better = best == nullptr || *rank < std::get<0>(best_rank) ||
                          (*rank == std::get<0>(best_rank) && build > std::get<1>(best_rank));
      if (better) {
        best = &wheel;
        best_rank = {*rank, build};
      }
    }
    if (best != nullptr) return LockedChoice{&package, best};
    const bool can_build = package.sdist || package.archive || package.vcs || package.directory;
    const bool allowed = wishes_.build.format.allows_build(package.name, origin_of(package));
    if (!can_build || !allowed) {
      const std::string lack =
          wheels_allowed
              ? package.directory ? "has to be built" : fmt::format("has no wheel that fits {}", python_label(facts_))
              : std::string("has no sources, and its wheels are not allowed (--no-binary)");
      const bool only_builds = faults_.empty() || only_builds_;
      fault(fmt::format("{} {}{}", label(package), lack,
                        can_build ? ", and building is not allowed (--only-binary, --no-build)" : ""));
      only_builds_ = only_builds && can_build;
      return std::nullopt;
    }
    return LockedChoice{&package, nullptr};
  }

  // nullopt: the file is not the package's.
  std::optional<WheelName> wheel_name(const LockedPackage& package, const LockedFile& wheel) {
    WheelName name = with_context(place_, [&] { return parse_wheel_name(wheel.name); });
    if (name.normalized != package.name) {
      fault(fmt::format("{} has a wheel of {}: {}", label(package), name.normalized, wheel.name));
      return std::nullopt;
    }
    const auto version = Version::parse(package.version);
    if (version && *version != name.version) {
      fault(fmt::format("{} has a wheel of version {}: {}", label(package), name.version_text, wheel.name));
      return std::nullopt;
    }
    return name;
  }

  std::optional<LockedChoice> choose_archive(const LockedPackage& package) {
    const auto name = wheel_name(package, *package.archive);
    if (!name) return std::nullopt;
    if (tags_.rank(name->python_tags, name->abi_tags, name->platform_tags))
      return LockedChoice{&package, &*package.archive};
    fault(fmt::format("{} does not fit {}: {}", label(package), python_label(facts_), name->file_name));
    return std::nullopt;
  }

  void fault(const std::string& text) {
    faults_ += (faults_.empty() ? "" : "\n  ") + text;
    only_builds_ = false;
  }

  const Pylock& lock_;
  const InterpreterFacts& facts_;
  MarkerEnvironment environment_;
  const LockWishes& wishes_;
  std::string_view place_;
  TagSet tags_;
  std::string faults_;
  bool only_builds_ = false;  // all of them are about what may not be built
};

}  // namespace

std::vector<LockedChoice> select_locked(const Pylock& lock, const InterpreterFacts& facts,
                                        const MarkerEnvironment& system, const LockWishes& wishes,
                                        std::string_view place) {
  return Selection(lock, facts, system, wishes, place).choose();
}

}  // namespace cas
