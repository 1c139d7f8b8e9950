#include "linker/repair/repair.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "linker/environment_plan.hpp"
#include "linker/environment_reproduction.hpp"
#include "linker/python/capture.hpp"
#include "linker/python/tree_repair.hpp"
#include "linker/repair/repair_sources.hpp"
#include "store/base/error.hpp"
#include "store/base/pool.hpp"
#include "store/base/relpath.hpp"
#include "store/ingest.hpp"
#include "store/interpreters.hpp"
#include "store/object_users.hpp"
#include "store/quarantine.hpp"
#include "store/roots.hpp"
#include "store/sys/file.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

constexpr std::chrono::seconds kProbeLimit{30};

ObjectState state_of(ProblemKind kind) {
  if (kind == ProblemKind::object_missing) return ObjectState::missing;
  return kind == ProblemKind::object_metadata ? ObjectState::metadata : ObjectState::content;
}

bool is_interpreter_package(const Package& package) { return package.row.normalized_name.starts_with('@'); }

std::string label(const Package& package) {
  return fmt::format("{} {}, {}", package.row.name, package.row.version, package.row.file_name);
}

class Repair {
 public:
  Repair(const Store& store, PackageNetwork& network, const RepairOptions& options, Progress& progress)
      : store_(store), network_(network), options_(options), progress_(progress), objects_(store, options.run) {}

  RepairResult run() {
    VerifyResult found =
        options_.known_bad.empty() ? verify_store(store_, options_.verify, progress_) : look_at_known();
    result_.objects = found.objects;
    result_.packages = found.packages;
    // Of repairs before this one.
    for (const QuarantinedFile& file : list_quarantine(store_)) {
      if (!file.in_use) objects_.add_bad_inode(inode_of(file.info), file.object);
    }
    for (Problem& problem : found.problems) result_.problems.push_back({std::move(problem)});
    want_objects();
    repair_packages();
    repair_objects();
    if (options_.run == RepairRun::real) {
      give_up();
      make_again();
    }
    relink();
    if (options_.run == RepairRun::real) {
      release_quarantine(store_);
      std::erase_if(result_.quarantined, [](const std::string& path) { return !stat_path(path); });
    }
    repair_interpreters();
    judge();
    return std::move(result_);
  }

 private:
  void warn(std::string text) { result_.warnings.push_back(std::move(text)); }

  // A file that has lost its name in the store, or that the store replaced already, is no problem of the store's.
  VerifyResult look_at_known() {
    VerifyResult found;
    for (const auto& [inode, id] : options_.known_bad) {
      objects_.add_bad_inode(inode, id);
      const auto row = find_object(store_, id);
      if (!row) continue;
      ++found.objects;
      const std::string path = store_.layout().object(row->segment, id);
      const auto info = stat_path(path);
      if (info && inode_of(*info) != inode) continue;
      Problem problem{info ? ProblemKind::object_content : ProblemKind::object_missing,
                      fmt::format("objects/{}/{}: {}", segment_name(row->segment), id.file_name(),
                                  info ? "was changed in place" : "is missing"),
                      {}};
      problem.object = id;
      found.problems.push_back(std::move(problem));
    }
    return found;
  }

  void want_objects() {
    for (const RepairedProblem& one : result_.problems) {
      if (one.problem.object) objects_.want(*one.problem.object, state_of(one.problem.kind));
    }
  }

  // Of those with a damaged manifest, or that name what the index does not have.
  std::vector<Package> damaged_packages() {
    std::vector<Package> packages;
    for (const RepairedProblem& one : result_.problems) {
      if (!one.problem.artifact) continue;
      const auto package = find_package(store_.index(), *one.problem.artifact);
      const auto same = [&](const Package& other) { return other.artifact == *one.problem.artifact; };
      if (package && std::ranges::none_of(packages, same)) packages.push_back(*package);
    }
    return packages;
  }

  void repair_packages() {
    std::vector<Package> packages = damaged_packages();
    if (packages.empty()) return;
    take_manifests(packages);
    read_again(packages, wheels_at_hand(store_, packages, options_.wheels));
    std::erase_if(packages, is_interpreter_package);  // no index has those
    if (packages.empty() || network_.offline() || options_.run == RepairRun::dry) return;
    const StagingDirectory staging(store_.layout().staging());
    try {
      read_again(packages, fetch_wheels(network_, packages, store_, staging.path(), progress_));
    } catch (const Error& error) {
      warn("the package indexes could not be asked: " + error.message());
    }
  }

  // Another store's manifest of the same digest is the same.
  void take_manifests(std::vector<Package>& packages) {
    std::erase_if(packages, [&](const Package& package) {
      const bool damaged = std::ranges::any_of(result_.problems, [&](const RepairedProblem& one) {
        return one.problem.artifact == package.artifact && one.problem.kind == ProblemKind::manifest;
      });
      if (!damaged) return false;
      for (const std::string& other : options_.stores) {
        const StoreLayout layout(absolute_path(other));
        const auto bytes =
            try_read_file_at(kCurrentDirectory, layout.manifest(package.row.manifest), kMaxManifestBytes);
        if (!bytes || sha256(*bytes) != package.row.manifest) continue;
        if (options_.run == RepairRun::real) {
          publish_file(store_.layout().manifests(), package.row.manifest.hex(), *bytes, 0444, store_.durability());
        }
        packages_[package.artifact] = layout.manifest(package.row.manifest);
        return true;
      }
      return false;
    });
  }

  void read_again(std::vector<Package>& packages, const std::vector<std::string>& wheels) {
    IngestOptions how;
    how.known = KnownWheels::looked_after;
    std::erase_if(packages, [&](const Package& package) {
      for (const std::string& wheel : wheels) {
        if (name_of(wheel) != package.row.file_name) continue;
        if (options_.run == RepairRun::dry) {
          const Fd file = open_user_file(wheel);
          if (digest_of_file(file.get(), wheel) != package.artifact) continue;
          packages_[package.artifact] = wheel;
          return true;
        }
        const std::vector<WheelRequest> request{{wheel, package.artifact}};
        const IngestResult ingested = ingest_wheels(store_, request, how, progress_).front();
        if (!ingested.error.empty()) {
          warn(ingested.error);
          continue;
        }
        packages_[package.artifact] = wheel;
        return true;
      }
      return false;
    });
  }

  void repair_objects() {
    for (const auto& [id, state] : std::map(objects_.wanted())) {
      if (state == ObjectState::metadata) static_cast<void>(objects_.offer_itself(id));
    }
    progress_.phase("looking for good copies", 0);
    offer_from_trees(store_, objects_, result_.warnings);
    for (const std::string& other : options_.stores) offer_from_store(objects_, other);
    for (const std::string& wheel : wheels_at_hand(store_, needed_packages(), options_.wheels)) {
      offer_from_wheel(objects_, wheel, wheel, result_.warnings);
    }
    if (objects_.wanted().empty() || network_.offline() || options_.run == RepairRun::dry) return;
    const StagingDirectory staging(store_.layout().staging());
    try {
      for (const std::string& wheel : fetch_wheels(network_, needed_packages(), store_, staging.path(), progress_)) {
        offer_from_wheel(objects_, wheel, "the package index, " + std::string(name_of(wheel)), result_.warnings);
      }
    } catch (const Error& error) {
      warn("the package indexes could not be asked: " + error.message());
    }
  }

  std::unordered_set<ObjectId> wanted_objects() const {
    std::unordered_set<ObjectId> ids;
    for (const auto& [id, state] : objects_.wanted()) ids.insert(id);
    return ids;
  }

  // Wheels that have what is still wanted.
  std::vector<Package> needed_packages() {
    std::vector<Package> packages;
    for (const auto& [id, users] : users_of_objects(store_, wanted_objects())) {
      for (const Package& package : users.packages) {
        const auto same = [&](const Package& other) { return other.artifact == package.artifact; };
        if (!is_interpreter_package(package) && std::ranges::none_of(packages, same)) packages.push_back(package);
      }
    }
    return packages;
  }

  // What nobody has goes out of sight. Packages of which only the index is in doubt stay: a rebuild may find their files.
  void give_up() {
    std::vector<ObjectId> lost;
    for (const auto& [id, state] : objects_.wanted()) lost.push_back(id);
    std::vector<Sha256Digest> artifacts;
    for (const RepairedProblem& one : result_.problems) {
      if (one.problem.kind == ProblemKind::manifest && !packages_.contains(*one.problem.artifact)) {
        artifacts.push_back(*one.problem.artifact);
      }
    }
    if (lost.empty() && artifacts.empty()) return;
    Quarantined gone = quarantine(store_, lost, artifacts);
    result_.quarantined = std::move(gone.files);
    plans_.insert(gone.plans.begin(), gone.plans.end());
    for (const Package& package : gone.packages) {
      if (is_interpreter_package(package) && capture_again(package)) continue;
      result_.forgotten_packages.push_back(label(package));
    }
  }

  // From the installation that it was captured from, where that is as it was.
  bool capture_again(const Package& package) {
    for (const StoredInterpreter& interpreter : list_interpreters(store_)) {
      if (interpreter.artifact != package.artifact || origin_state(interpreter) != OriginState::same) continue;
      try {
        const InterpreterFacts facts = inspect_interpreter(interpreter.origin, kProbeLimit);
        const CaptureResult captured = capture_interpreter(store_, facts, {}, progress_);
        return captured.interpreter.artifact == package.artifact;
      } catch (const Error& error) {
        warn(fmt::format("{} could not be captured again: {}", printable(interpreter.origin), error.message()));
      }
    }
    return false;
  }

  // Plans went with their objects: making them compiles and generates what is missing.
  void make_again() {
    if (plans_.empty()) return;
    for (const Root& root : list_environments(store_)) {
      if (root.state != AnchorState::live || !root.at_target) continue;
      if (!plans_.contains(root.anchor.plan)) continue;
      try {
        Reproduction made_of = reproduce(store_, root.anchor, root.anchor.target);
        static_cast<void>(
            obtain_plan(store_, made_of.packages, made_of.facts, made_of.plan_options, {available_cpus(), progress_}));
      } catch (const Error& error) {
        warn(fmt::format("{}: its plan could not be made again: {}", printable(root.anchor.target), error.message()));
      }
    }
  }

  void relink() {
    progress_.phase("looking at environments", 0);
    RelinkResult relinked = relink_trees(store_, objects_.bad_inodes(), options_.run);
    result_.relinked = std::move(relinked.trees);
    for (std::string& warning : relinked.warnings) {
      if (std::ranges::find(result_.warnings, warning) == result_.warnings.end()) warn(std::move(warning));
    }
  }

  void repair_interpreters() {
    for (const StoredInterpreter& interpreter : list_interpreters(store_)) {
      const bool damaged = std::ranges::any_of(result_.problems, [&](const RepairedProblem& one) {
        return one.problem.kind == ProblemKind::interpreter && one.problem.interpreter == interpreter.name;
      });
      if (!damaged) continue;
      try {
        if (options_.run == RepairRun::real) static_cast<void>(repair_tree(store_, interpreter));
        interpreters_.insert(interpreter.name);
      } catch (const Error& error) {
        warn(fmt::format("python/{} could not be put right: {}", interpreter.name, error.message()));
      }
    }
  }

  // What became of each problem.
  void judge() {
    for (RepairedProblem& one : result_.problems) {
      const Problem& problem = one.problem;
      if (problem.object) {
        judge_object(one);
      } else if (problem.artifact) {
        const auto source = packages_.find(*problem.artifact);
        if (source != packages_.end()) {
          one.outcome = RepairOutcome::repaired;
          one.source = source->second;
        } else if (options_.run == RepairRun::real && !find_package(store_.index(), *problem.artifact)) {
          one.outcome = RepairOutcome::forgotten;
        }
      } else if (interpreters_.contains(problem.interpreter)) {
        one.outcome = RepairOutcome::repaired;
        one.source = "the store's own objects";
      }
    }
  }

  void judge_object(RepairedProblem& one) {
    const ObjectId& id = *one.problem.object;
    const auto source = objects_.repaired().find(id);
    if (source != objects_.repaired().end()) {
      one.outcome = RepairOutcome::repaired;
      one.source = source->second;
    } else if (options_.run == RepairRun::real && find_object(store_, id)) {
      one.outcome = RepairOutcome::repaired;
      one.source = "scratch: it was made again";
    } else if (options_.run == RepairRun::real) {
      one.outcome = RepairOutcome::forgotten;
    }
  }

  const Store& store_;
  PackageNetwork& network_;
  const RepairOptions& options_;
  Progress& progress_;
  ObjectRepair objects_;
  std::map<Sha256Digest, std::string> packages_;  // brought back -> from where
  std::unordered_set<Sha256Digest> plans_;        // that went with what was given up
  std::unordered_set<std::string> interpreters_;
  RepairResult result_;
};

}  // namespace

RepairResult repair_store(const Store& store, PackageNetwork& network, const RepairOptions& options,
                          Progress& progress) {
  return Repair(store, network, options, progress).run();
}

}  // namespace cas
