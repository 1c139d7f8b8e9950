#include "linker/repair/repair.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <unordered_map>
#include <unordered_set>

#include "linker/inode_holders.hpp"
#include "linker/plan_restoration.hpp"
#include "linker/python/capture.hpp"
#include "linker/python/tree_repair.hpp"
#include "linker/repair/package_repair.hpp"
#include "linker/repair/repair_sources.hpp"
#include "linker/repair/wheel_sources.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/import_package.hpp"
#include "store/interpreters.hpp"
#include "store/lost_interpreters.hpp"
#include "store/lost_packages.hpp"
#include "store/object_users.hpp"
#include "store/quarantine.hpp"
#include "store/roots.hpp"
#include "store/sys/file.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

constexpr std::chrono::seconds kProbeLimit{30};
constexpr const char* kScratch = "scratch: it is made again";

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
      : store_(store),
        options_(options),
        progress_(progress),
        objects_(store, options.run),
        sources_(store, network, options.wheels, progress, result_.warnings),
        other_stores_(options.stores) {
    for (const Store& base : store.bases()) other_stores_.push_back(base.layout().root());
  }

  RepairResult run() {
    refuse_itself();
    find_moved();
    VerifyResult found =
        options_.known_bad.empty() ? verify_store(store_, options_.verify, progress_) : look_at_known();
    result_.objects = found.objects;
    result_.packages = found.packages;
    keep_holders(store_, found.problems);
    // Of repairs before this one.
    for (const QuarantinedFile& file : list_quarantine(store_)) {
      if (!file.in_use) objects_.add_bad_inode(inode_of(file.info), file.object);
    }
    for (Problem& problem : found.problems) result_.problems.push_back({std::move(problem)});
    want_objects();
    bring_back_packages();
    repair_objects();
    result_.all_answered = sources_.all_answered();
    give_up();
    restore_interpreters();  // plans are made with them
    if (real()) make_plans();
    relink();
    name_unreached();
    if (real()) {
      release_quarantine(store_);
      std::erase_if(result_.quarantined, [](const std::string& path) { return !stat_path(path); });
    }
    repair_interpreters();
    judge();
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool real() const { return options_.run == RepairRun::real; }
  void warn(std::string text) { result_.warnings.push_back(std::move(text)); }

  void refuse_itself() const {
    const auto own = stat_path(store_.layout().root());
    for (const std::string& path : options_.stores) {
      const auto other = stat_path(other_store(path).root());
      if (own && other && inode_of(*own) == inode_of(*other)) {
        throw UsageError(printable(path) + " is the store that is to be repaired",
                         "--from names the directory of another store");
      }
    }
  }

  void find_moved() {
    for (const std::string& path : options_.environments) {
      const Root root = find_root(store_, path);
      reached_.insert(root.anchor.id);
      if (!root.at_target) moved_.push_back(absolute_path(path));
    }
  }

  // Somebody holds what was damaged still, and nobody knows where they are.
  void name_unreached() {
    const std::vector<QuarantinedFile> kept = list_quarantine(store_);
    const auto is_had = [&](const QuarantinedFile& file) { return is_had_elsewhere(kept, file); };
    if (real() ? std::ranges::none_of(kept, is_had) : objects_.bad_inodes().empty()) return;
    for (const Root& root : list_environments(store_)) {
      if (root.state == AnchorState::live && !root.at_target && !reached_.contains(root.anchor.id)) {
        result_.unreached.push_back(root.anchor.target);
      }
    }
    std::ranges::sort(result_.unreached);
  }

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

  // Those with a damaged manifest, or that name what the index does not have.
  std::vector<PackageNeed> damaged_packages() {
    std::vector<PackageNeed> needs;
    for (const RepairedProblem& one : result_.problems) {
      if (!one.problem.artifact) continue;
      const auto package = find_package(store_.index(), *one.problem.artifact);
      const auto same = [&](const PackageNeed& other) { return other.wanted.artifact == *one.problem.artifact; };
      if (!package || std::ranges::any_of(needs, same)) continue;
      PackageNeed& need = needs.emplace_back(PackageNeed{wanted_wheel(store_, *package)});
      if (one.problem.kind == ProblemKind::manifest) need.manifest = package->row.manifest;
      need.is_interpreter = is_interpreter_package(*package);
    }
    return needs;
  }

  // Those that environments need and the store does not have. Each is a problem of its own.
  std::vector<PackageNeed> lost_packages() {
    std::vector<PackageNeed> needs;
    // Where one environment's edits are to be its own, nothing else is looked after.
    if (!options_.known_bad.empty()) return needs;
    for (const LostPackage& lost : list_lost_packages(store_)) {
      const std::string name = printable(lost.name) + " " + printable(lost.version);
      Problem problem{ProblemKind::package,
                      name + ": environments need it, and the store does not have it",
                      {name},
                      {},
                      {},
                      {},
                      {}};
      problem.remedy = "`cas repair` or `cas add` with its wheel";
      problem.artifact = lost.artifact;
      problem.environments = lost.environments;
      result_.problems.push_back({std::move(problem)});
      lost_.insert(lost.artifact);
      needs.push_back({wanted_wheel(lost)});
    }
    return needs;
  }

  void bring_back_packages() {
    std::vector<PackageNeed> needs = damaged_packages();
    std::ranges::move(lost_packages(), std::back_inserter(needs));
    if (needs.empty()) return;
    packages_ =
        repair_packages(store_, std::move(needs), other_stores_, sources_, options_.run, progress_, result_.warnings);
  }

  void repair_objects() {
    for (const auto& [id, state] : std::map(objects_.wanted())) {
      if (state == ObjectState::metadata) static_cast<void>(objects_.offer_itself(id));
    }
    if (objects_.wanted().empty()) return;
    progress_.phase("looking for good copies", 0);
    offer_from_trees(store_, objects_, moved_, result_.warnings);
    for (const std::string& other : other_stores_) offer_from_store(objects_, other);
    for (const std::string& wheel : sources_.at_hand(needed_packages())) {
      offer_from_wheel(objects_, wheel, wheel, result_.warnings);
    }
    if (objects_.wanted().empty() || !real()) return;
    const StagingDirectory staging(store_.layout().staging());
    for (const std::string& wheel : sources_.fetch(needed_packages(), staging.path())) {
      offer_from_wheel(objects_, wheel, "the package index, " + std::string(name_of(wheel)), result_.warnings);
    }
  }

  std::unordered_set<ObjectId> wanted_objects() const {
    std::unordered_set<ObjectId> ids;
    for (const auto& [id, state] : objects_.wanted()) ids.insert(id);
    return ids;
  }

  // Wheels that have what is still wanted.
  std::vector<WantedWheel> needed_packages() {
    std::vector<WantedWheel> wheels;
    for (const auto& [id, users] : users_of_objects(store_, wanted_objects())) {
      for (const Package& package : users.packages) {
        const auto same = [&](const WantedWheel& other) { return other.artifact == package.artifact; };
        if (!is_interpreter_package(package) && std::ranges::none_of(wheels, same)) {
          wheels.push_back(wanted_wheel(store_, package));
        }
      }
    }
    return wheels;
  }

  // What nobody has goes out of sight. Packages of which only the index is in doubt stay: a rebuild may find their files.
  void give_up() {
    const bool keep = options_.lost == LostObjects::set_aside || !sources_.all_answered();
    std::vector<ObjectId> lost, aside;
    for (const auto& [id, users] : users_of_objects(store_, wanted_objects())) {
      const bool of_wheel = !std::ranges::all_of(users.packages, is_interpreter_package);
      (of_wheel && keep ? aside : lost).push_back(id);
      if (!real()) foresee(id, users, of_wheel);
    }
    std::vector<Sha256Digest> artifacts;
    for (const RepairedProblem& one : result_.problems) {
      if (one.problem.kind != ProblemKind::manifest || packages_.contains(*one.problem.artifact)) continue;
      const auto package = find_package(store_.index(), *one.problem.artifact);
      if (!package || (keep && !is_interpreter_package(*package))) continue;
      artifacts.push_back(package->artifact);
      if (!real()) foresee_package(*package);
    }
    if (!real()) return;
    set_aside_.insert(aside.begin(), aside.end());
    if (!aside.empty()) result_.quarantined = set_aside(store_, aside);
    if (!lost.empty() || !artifacts.empty()) forget(lost, artifacts);
  }

  void forget(const std::vector<ObjectId>& lost, const std::vector<Sha256Digest>& artifacts) {
    Quarantined gone = quarantine(store_, lost, artifacts);
    std::ranges::move(gone.files, std::back_inserter(result_.quarantined));
    for (const Package& package : gone.packages) {
      if (is_interpreter_package(package) && capture_again(package)) continue;
      result_.forgotten_packages.push_back(label(package));
    }
  }

  // What a real run would make of it, if no index had it.
  void foresee(const ObjectId& id, const ObjectUsers& users, bool of_wheel) {
    if (of_wheel && options_.lost == LostObjects::set_aside) {
      set_aside_.insert(id);
    } else if (users.packages.empty() && !users.environments.empty()) {
      foreseen_[id] = kScratch;
    } else {
      for (const Package& package : users.packages) {
        if (foresee_package(package)) foreseen_[id] = packages_.at(package.artifact);
      }
      if (!foreseen_.contains(id)) foreseen_gone_.insert(id);
    }
  }

  // Whether it would come back at once.
  bool foresee_package(const Package& package) {
    const auto interpreter = is_interpreter_package(package) ? capturable(package) : std::nullopt;
    if (interpreter) {
      packages_[package.artifact] = interpreter->origin;
      return true;
    }
    const std::string name = label(package);
    if (std::ranges::find(result_.forgotten_packages, name) == result_.forgotten_packages.end()) {
      result_.forgotten_packages.push_back(name);
    }
    return false;
  }

  std::optional<StoredInterpreter> capturable(const Package& package) {
    for (StoredInterpreter& interpreter : list_interpreters(store_)) {
      if (interpreter.artifact == package.artifact && origin_state(interpreter) == OriginState::same) {
        return std::move(interpreter);
      }
    }
    return std::nullopt;
  }

  // From the installation that it was captured from, where that is as it was.
  bool capture_again(const Package& package) {
    const auto interpreter = capturable(package);
    if (!interpreter) return false;
    try {
      const InterpreterFacts facts = inspect_interpreter(interpreter->origin, kProbeLimit);
      const CaptureResult captured = capture_interpreter(store_, facts, {}, progress_);
      if (captured.interpreter.artifact != package.artifact) return false;
      const Manifest manifest =
          read_manifest(store_.layout(), find_package(store_.index(), package.artifact).value().row.manifest);
      packages_[package.artifact] = interpreter->origin;
      for_each_object(manifest, [&](const ObjectId& id, std::uint64_t) { captured_.emplace(id, interpreter->origin); });
      return true;
    } catch (const Error& error) {
      warn(fmt::format("{} could not be captured again: {}", printable(interpreter->origin), error.message()));
      return false;
    }
  }

  // Those that went with their objects, and those that were lost before: making them compiles and generates what is missing.
  void make_plans() {
    for (const std::string& failure : restore_plans(store_, progress_).failures) {
      warn("its plan could not be made again: " + failure);
    }
  }

  // RepairRun::dry: of those that have been given up before, what would come back with the packages that were found.
  std::unordered_set<ObjectId> objects_of_lost_packages() {
    ObjectRepair back(store_, RepairRun::dry);
    for (const auto& [inode, id] : objects_.bad_inodes()) {
      if (!find_object(store_, id)) back.want(id, ObjectState::missing);
    }
    for (const auto& [artifact, source] : packages_) {
      if (!lost_.contains(artifact)) continue;
      if (source.ends_with(".whl")) {
        offer_from_wheel(back, source, source, result_.warnings);
      } else {
        offer_from_store(back, source);
      }
    }
    std::unordered_set<ObjectId> ids;
    for (const auto& [id, source] : back.repaired()) ids.insert(id);
    return ids;
  }

  void relink() {
    progress_.phase("looking at environments", 0);
    std::unordered_set<ObjectId> coming;
    if (!real()) {
      for (const auto& [id, source] : objects_.repaired()) coming.insert(id);
      for (const auto& [id, source] : foreseen_) coming.insert(id);
      coming.merge(objects_of_lost_packages());
    }
    RelinkResult relinked =
        relink_trees(store_, {objects_.bad_inodes(), std::move(coming), foreseen_gone_}, moved_, options_.run);
    result_.relinked = std::move(relinked.trees);
    for (std::string& warning : relinked.warnings) {
      if (std::ranges::find(result_.warnings, warning) == result_.warnings.end()) warn(std::move(warning));
    }
  }

  // Whose whole trees are gone.
  void restore_interpreters() {
    if (!options_.known_bad.empty()) return;
    for (const LostInterpreter& lost : list_lost_interpreters(store_, list_roots(store_))) {
      put_right(lost.name, [&] { static_cast<void>(restore_captured(store_, lost, progress_)); });
    }
  }

  void repair_interpreters() {
    for (const StoredInterpreter& interpreter : list_interpreters(store_)) {
      const bool damaged = std::ranges::any_of(result_.problems, [&](const RepairedProblem& one) {
        return one.problem.kind == ProblemKind::interpreter && one.problem.interpreter == interpreter.name;
      });
      if (damaged) put_right(interpreter.name, [&] { static_cast<void>(repair_tree(store_, interpreter)); });
    }
  }

  void put_right(const std::string& interpreter, const std::function<void()>& mend) {
    try {
      if (real()) mend();
      interpreters_.insert(interpreter);
    } catch (const Error& error) {
      warn(fmt::format("python/{} could not be put right: {}", interpreter, error.message()));
    }
  }

  // What became of each problem.
  void judge() {
    for (RepairedProblem& one : result_.problems) {
      const Problem& problem = one.problem;
      if (problem.object) {
        judge_object(one, *problem.object);
      } else if (problem.artifact) {
        judge_package(one, *problem.artifact);
      } else if (interpreters_.contains(problem.interpreter)) {
        repaired(one, "the store's own objects");
      }
    }
  }

  static void repaired(RepairedProblem& one, std::string source) {
    one.outcome = RepairOutcome::repaired;
    one.source = std::move(source);
  }

  void judge_package(RepairedProblem& one, const Sha256Digest& artifact) {
    if (const auto source = packages_.find(artifact); source != packages_.end()) {
      return repaired(one, source->second);
    }
    if (lost_.contains(artifact)) return;
    const bool goes =
        real() ? !find_package(store_.index(), artifact).has_value() : one.problem.kind == ProblemKind::manifest;
    if (goes) one.outcome = RepairOutcome::forgotten;
  }

  void judge_object(RepairedProblem& one, const ObjectId& id) {
    if (const auto source = objects_.repaired().find(id); source != objects_.repaired().end()) {
      repaired(one, source->second);
    } else if (const auto seen = foreseen_.find(id); seen != foreseen_.end()) {
      repaired(one, seen->second);
    } else if (set_aside_.contains(id)) {
      one.outcome = RepairOutcome::set_aside;
    } else if (!real() || !find_object(store_, id)) {
      one.outcome = RepairOutcome::forgotten;
    } else {
      const auto captured = captured_.find(id);
      repaired(one, captured == captured_.end() ? kScratch : captured->second);
    }
  }

  const Store& store_;
  const RepairOptions& options_;
  Progress& progress_;
  ObjectRepair objects_;
  RepairResult result_;
  WheelSources sources_;
  std::vector<std::string> other_stores_;               // that were named, and base stores
  std::vector<std::string> moved_;                      // environments: where they are now
  std::unordered_set<std::string> reached_;             // ids of those that were named
  std::map<Sha256Digest, std::string> packages_;        // brought back -> from where
  std::unordered_set<Sha256Digest> lost_;               // that the store did not have before
  std::unordered_map<ObjectId, std::string> captured_;  // of interpreters that were captured again -> from where
  std::unordered_set<ObjectId> set_aside_;
  // RepairRun::dry: what a real run would make, or capture, again; and what would go.
  std::unordered_map<ObjectId, std::string> foreseen_;
  std::unordered_set<ObjectId> foreseen_gone_;
  std::unordered_set<std::string> interpreters_;
};

}  // namespace

RepairResult repair_store(const Store& store, PackageNetwork& network, const RepairOptions& options,
                          Progress& progress) {
  return Repair(store, network, options, progress).run();
}

}  // namespace cas
