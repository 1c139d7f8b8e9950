#include "linker/packages/install.hpp"

#include <algorithm>
#include <iterator>
#include <memory>

#include "linker/installed/dependency_graph.hpp"
#include "linker/installed/foreseen.hpp"
#include "linker/locked/locked_supply.hpp"
#include "linker/locked/marker_facts.hpp"
#include "linker/package_selection.hpp"
#include "linker/packages/package_changes.hpp"
#include "linker/replanning.hpp"
#include "linker/tags.hpp"
#include "store/artifact_identity.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/packages/packages.hpp"
#include "store/requirement/requirement_location.hpp"
#include "store/source/version.hpp"
#include "store/source/wheel.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"
#include "store/sys/system_name.hpp"

namespace cas {
namespace {

constexpr int kMaxRounds = 10;

// A wheel file that was named, as far as can be said without reading its members.
struct NamedWheel {
  WheelRequest request;
  PackageMetadata metadata;
  Sha256Digest artifact;
};

class Install {
 public:
  Install(const Store& store, const std::string& path, const InstallOptions& options, Progress& progress)
      : store_(store),
        options_(options),
        progress_(progress),
        environment_(look_at_changed(store, path, options.dry_run)),
        markers_(marker_environment(environment_.made_of.facts, system_name())) {
    environment_.made_of.options.command = "install";
    environment_.made_of.options.threads = options.threads;
    environment_.made_of.options.strict_conflicts = options.strict_conflicts;
    environment_.made_of.options.ingest = options.ingest;
    result_.path = environment_.target;
    read_wheels();
    read_requirements();
  }

  InstallResult run() {
    PackageNetwork network(store_, options_.inputs.network);
    PackageInputs inputs = question();
    const bool ask = !is_satisfied();
    LockedSupply supply([&](const Store& store, const InterpreterFacts& facts,
                            Progress& progress) { return pruned(find_locks(inputs, network)(store, facts, progress)); },
                        network);
    std::set<std::string> present;
    for (const InstalledDistribution& one : environment_.installed.distributions) present.insert(one.normalized);
    supply.set_present(std::move(present));
    for (int round = 0; round < kMaxRounds; ++round) {
      PackageChange change;
      change.dry_run = options_.dry_run;
      if (ask) add_supplied(supply, change);
      add_wheels(change);
      if (options_.reinstall) {
        for (const PlannedPackage& package : change.put) change.remade.insert(package.metadata.normalized_name);
      }
      add_requested(change);
      result_.steps = steps_to(environment_, packages_after(environment_, change));
      result_.changed = !change.put.empty();
      if (!change.put.empty()) {
        result_.broken = broken_by(store_, environment_, change, result_.steps);
        if (options_.dry_run) {
          static_cast<void>(others_files_to_go(environment_, change));
        } else {
          auto made = carry_out(store_, environment_, change, progress_);
          if (!made) continue;  // collected between being added and being anchored
          result_.changed = !made->unchanged;
          result_.conflicts = std::move(made->conflicts);
          result_.warnings = std::move(made->warnings);
        }
      }
      say_already(change);
      say_again(change);
      return std::move(result_);
    }
    throw Error("packages are collected again and again while they are installed", "wait for `cas gc` to finish");
  }

 private:
  void read_wheels() {
    const TagSet tags(environment_.made_of.facts);
    for (const WheelRequest& request : options_.wheels) {
      const Fd file = open_user_file(request.path);
      const std::string name(name_of(request.path));
      NamedWheel wheel{request, open_wheel(file.get(), name, RecordPolicy::artifact_pinned)->metadata(), {}};
      wheel.artifact = identify_artifact(file.get(), request.path, store_.index()).digest;
      if (const auto problem = misfit(wheel.metadata, environment_.made_of.facts, tags)) throw InvalidInput(*problem);
      const auto same = std::ranges::find(wheels_, wheel.metadata.normalized_name,
                                          [](const NamedWheel& other) { return other.metadata.normalized_name; });
      if (same != wheels_.end() && same->artifact != wheel.artifact) {
        throw UsageError(request.path + " and " + same->request.path + " are wheels of one package",
                         "name one of them");
      }
      if (same == wheels_.end()) wheels_.push_back(std::move(wheel));
    }
  }

  // Those that count for this interpreter.
  void read_requirements() {
    for (const ListedRequirement& listed : options_.inputs.requirements.requirements) {
      const Requirement& requirement = listed.requirement;
      if (!requirement.applies(markers_)) continue;
      if (listed.constraint) {
        constraints_.push_back(requirement);
        continue;
      }
      wanted_.push_back(requirement);
      if (!requirement.normalized.empty()) asked_.insert(requirement.normalized);
    }
    for (const NamedWheel& wheel : wheels_) asked_.insert(wheel.metadata.normalized_name);
  }

  [[nodiscard]] const PlannedPackage* kept(const std::string& name) const {
    const auto found = std::ranges::find(environment_.kept.packages, name, [](const PlannedPackage& package) {
      return package.metadata.normalized_name;
    });
    return found == environment_.kept.packages.end() ? nullptr : &*found;
  }

  // With the wheels that were named in place of what is there.
  [[nodiscard]] InstalledEnvironment foreseen() const {
    InstalledEnvironment after = environment_.installed;
    for (const NamedWheel& wheel : wheels_) {
      std::erase_if(after.distributions,
                    [&](const InstalledDistribution& one) { return one.normalized == wheel.metadata.normalized_name; });
      after.distributions.push_back(foreseen_distribution(wheel.metadata));
    }
    return after;
  }

  // A location is satisfied by what came from there alone, and that is only known of wheels that lie here.
  [[nodiscard]] bool is_satisfied() const {
    const bool new_answer = options_.upgrade || !options_.upgrade_packages.empty() || options_.reinstall;
    if (!options_.inputs.locks.empty() || (new_answer && !wanted_.empty())) return false;
    if (std::ranges::any_of(wanted_, [](const Requirement& one) { return !one.url.empty(); })) return false;
    InstalledEnvironment after = foreseen();
    InstalledDistribution& user = after.distributions.emplace_back(asking_user(wanted_));
    for (const NamedWheel& wheel : wheels_) user.requires_dist.push_back(wheel.metadata.normalized_name);
    const DependencyGraph graph(after, markers_);
    return holds_from(graph, graph.size() - 1);
  }

  // Everything that can be reached is there, and within the constraints.
  [[nodiscard]] bool holds_from(const DependencyGraph& graph, std::size_t start) const {
    std::vector<bool> seen(graph.size());
    std::vector<std::size_t> open{start};
    while (!open.empty()) {
      const std::size_t node = open.back();
      open.pop_back();
      if (seen[node]) continue;
      seen[node] = true;
      if (node != start && !is_allowed(graph.at(node))) return false;
      if (node != start && options_.no_dependencies) continue;
      for (const Dependency& dependency : graph.dependencies(node)) {
        if (dependency.state != DependencyState::satisfied) return false;
        open.push_back(*dependency.target);
      }
    }
    return true;
  }

  [[nodiscard]] bool is_allowed(const InstalledDistribution& one) const {
    const auto version = Version::parse(one.version);
    return std::ranges::all_of(constraints_, [&](const Requirement& constraint) {
      if (constraint.normalized != one.normalized) return true;
      return constraint.url.empty() && version && constraint.specifiers.contains(*version, Prereleases::allowed);
    });
  }

  // Whether it counts as what satisfies a requirement, wherever it came from. Of one that names a place or hashes nobody knows that; what
  // is to be put there again has to be had.
  [[nodiscard]] bool may_stay(const InstalledDistribution& one) const {
    if (&one != find_installed(environment_.installed, one.normalized)) return false;
    if (options_.reinstall && asked_.contains(one.normalized)) return false;
    if (std::ranges::any_of(
            wheels_, [&](const NamedWheel& wheel) { return wheel.metadata.normalized_name == one.normalized; })) {
      return false;
    }
    return std::ranges::none_of(options_.inputs.requirements.requirements, [&](const ListedRequirement& listed) {
      return listed.requirement.normalized == one.normalized &&
             (!listed.requirement.url.empty() || !listed.accepted_hashes().empty());
    });
  }

  // Of the resolver: the wheels are asked for, too, so that it finds what they need.
  [[nodiscard]] PackageInputs question() const {
    PackageInputs inputs = options_.inputs;
    inputs.resolve.no_dependencies = options_.no_dependencies;
    for (const NamedWheel& wheel : wheels_) {
      ListedRequirement listed;
      listed.place = {"command line", 1};
      listed.requirement = parse_requirement_or_location(absolute_path(wheel.request.path));
      inputs.requirements.requirements.push_back(std::move(listed));
    }
    if (options_.upgrade) return inputs;
    for (const InstalledDistribution& one : environment_.installed.distributions) {
      if (options_.upgrade_packages.contains(one.normalized) || !Version::parse(one.version)) continue;
      inputs.resolve.preferences.emplace_back(one.normalized, one.version);
      if (may_stay(one)) inputs.resolve.installed.push_back(one);
    }
    std::ranges::sort(inputs.resolve.preferences);
    return inputs;
  }

  // Whether a lock that somebody wrote means other files than those that are there in its version. Of what was built, or came
  // from another tool, nobody knows.
  [[nodiscard]] bool means_other_files(const LockedPackage& package) const {
    const PlannedPackage* there = kept(package.name);
    if (there == nullptr || there->built_from || package.wheels.empty()) return false;
    return std::ranges::none_of(package.wheels,
                                [&](const LockedFile& wheel) { return wheel.sha256() == there->artifact; });
  }

  // Without what is there in that version already, so that nothing is fetched for it.
  std::vector<LockSource> pruned(std::vector<LockSource> sources) {
    for (std::size_t i = 0; i < sources.size(); ++i) {
      LockSource& source = sources[i];
      // Behind the locks comes what was found for the requirements, where any file of that version does.
      const bool is_users = i < options_.inputs.locks.size();
      std::erase_if(source.lock.packages, [&](const LockedPackage& package) {
        const bool ours = std::ranges::any_of(
            wheels_, [&](const NamedWheel& wheel) { return wheel.metadata.normalized_name == package.name; });
        const bool asked = !source.requested || source.requested->contains(package.name);
        if (asked) asked_.insert(package.name);
        if (ours) return true;
        const InstalledDistribution* there = find_installed(environment_.installed, package.name);
        return there != nullptr && !package.archive && has_version(*there, package.version) &&
               !(options_.reinstall && asked) && !(is_users && means_other_files(package));
      });
    }
    return sources;
  }

  void add_supplied(LockedSupply& supply, PackageChange& change) {
    SuppliedPackages supplied = options_.dry_run
                                    ? supply.preview(store_, environment_.made_of.facts, progress_)
                                    : supply.supply(store_, environment_.made_of.facts, options_.ingest, progress_);
    std::ranges::move(supplied.ingested, std::back_inserter(result_.ingested));
    for (PlannedPackage& package : supplied.packages) {
      const PlannedPackage* there = kept(package.metadata.normalized_name);
      // Asked for once, and needed by others now, too.
      if (there != nullptr && there->requested == Requested::yes) package.requested = Requested::yes;
      const bool same = there != nullptr && there->artifact == package.artifact;
      if (!same || options_.reinstall) change.put.push_back(std::move(package));
    }
  }

  void add_wheels(PackageChange& change) {
    for (const NamedWheel& wheel : wheels_) {
      const PlannedPackage* there = kept(wheel.metadata.normalized_name);
      if (there != nullptr && there->artifact == wheel.artifact && !options_.reinstall) continue;
      PackageRequest request;
      request.wheel = wheel.request;
      if (options_.dry_run) {
        PlannedPackage& package = change.put.emplace_back();
        package.artifact = wheel.artifact;
        package.metadata = wheel.metadata;
        continue;
      }
      std::vector<IngestResult> ingested = ingest_chosen(store_, {request}, options_.ingest, progress_);
      for (PlannedPackage& package : describe_packages({request}, {request}, ingested))
        change.put.push_back(std::move(package));
      std::ranges::move(ingested, std::back_inserter(result_.ingested));
    }
  }

  // What stays as it is, and was not asked for until now.
  void add_requested(PackageChange& change) {
    for (const PlannedPackage& package : environment_.kept.packages) {
      const std::string& name = package.metadata.normalized_name;
      const bool put = std::ranges::any_of(
          change.put, [&](const PlannedPackage& other) { return other.metadata.normalized_name == name; });
      if (put || package.requested == Requested::yes || !asked_.contains(name)) continue;
      change.put.push_back(package);
      change.put.back().requested = Requested::yes;
    }
  }

  // The same version from other files, or the same files once more.
  [[nodiscard]] bool is_put_again(const PackageChange& change, const InstalledDistribution& one) const {
    const auto put = std::ranges::find(change.put, one.normalized,
                                       [](const PlannedPackage& package) { return package.metadata.normalized_name; });
    if (put == change.put.end() || !has_version(one, put->metadata.version)) return false;
    const PlannedPackage* there = kept(one.normalized);
    return options_.reinstall || there == nullptr || there->artifact != put->artifact;
  }

  void say_already(const PackageChange& change) {
    for (const InstalledDistribution& one : environment_.installed.distributions) {
      const bool stays = std::ranges::none_of(
          result_.steps, [&](const PackageStep& step) { return normalize_name(step.name) == one.normalized; });
      if (stays && !is_put_again(change, one) && !options_.reinstall && asked_.contains(one.normalized))
        result_.already.push_back(one.name + " " + one.version);
    }
  }

  void say_again(const PackageChange& change) {
    for (const PlannedPackage& package : change.put) {
      const InstalledDistribution* there = find_installed(environment_.installed, package.metadata.normalized_name);
      if (there != nullptr && is_put_again(change, *there)) result_.again.push_back(there->name + " " + there->version);
    }
  }

  const Store& store_;
  const InstallOptions& options_;
  Progress& progress_;
  ChangedEnvironment environment_;
  MarkerEnvironment markers_;
  std::vector<NamedWheel> wheels_;
  std::vector<Requirement> wanted_, constraints_;
  std::set<std::string> asked_;  // normalized
  InstallResult result_;
};

}  // namespace

InstallResult install_packages(const Store& store, const std::string& path, const InstallOptions& options,
                               Progress& progress) {
  return planned_until_it_fits([&] { return Install(store, path, options, progress).run(); });
}

}  // namespace cas
