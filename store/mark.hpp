// The mark of a collection: which packages and objects are alive, and why.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "store/base/deadline.hpp"
#include "store/gc.hpp"
#include "store/history.hpp"
#include "store/object_table.hpp"
#include "store/packages/packages.hpp"
#include "store/pins.hpp"
#include "store/plan_holds.hpp"
#include "store/roots.hpp"

namespace cas {

class Mark {
 public:
  // Reads roots, packages and manifests, and decides by policy. `free_blocks`: as many bytes on disk should be given back. Throws
  // Corruption where the manifest of a package that has to stay cannot be read: without it nobody knows what to keep.
  Mark(const Store& store, const GcOptions& options, std::uint64_t free_blocks, const Deadline& deadline,
       Progress& progress);

  // false: time was up before everything was marked. Then nothing may be removed.
  [[nodiscard]] bool is_complete() const { return complete_; }

  // Takes in what came after the mark: anchors, pins, and packages with a higher sequence. REQUIRES: gc.lock is held, so that nothing
  // can be added unseen afterwards.
  void refresh();

  // The objects that were there; what nothing holds may go.
  [[nodiscard]] const ObjectTable& objects() const { return objects_; }
  // Whether the object was there and nothing holds it.
  [[nodiscard]] bool is_garbage(const ObjectId& id) const;
  [[nodiscard]] bool keeps(const Sha256Digest& artifact) const { return kept_.contains(artifact); }

  [[nodiscard]] const std::vector<Root>& roots() const { return roots_; }
  [[nodiscard]] const std::vector<Package>& packages() const { return packages_; }
  // Packages to remove, the longest unused first, with the reason.
  [[nodiscard]] const std::vector<GcPackage>& evicted() const { return evicted_; }
  // Plans to remove although all their packages stay, with the reason. They go before the packages.
  [[nodiscard]] const std::vector<GcPlan>& evicted_plans() const { return evicted_plans_; }
  [[nodiscard]] bool keeps_plan(const Sha256Digest& key) const { return held_plans_.contains(key); }
  // Whether others would go, too, were it not enough for max_freed.
  [[nodiscard]] bool leaves_packages() const { return leaves_packages_; }
  // Whether all that may go is less than the free space asked for.
  [[nodiscard]] bool frees_too_little() const { return frees_too_little_; }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  [[nodiscard]] std::uint64_t live_environments() const;
  // Revisions that can be rolled back to, packages that only they keep, and the bytes of objects that only those have.
  [[nodiscard]] const HeldHistory& history() const { return history_; }
  [[nodiscard]] std::uint64_t history_bytes() const { return history_bytes_; }

 private:
  struct Candidate {
    const Package* package = nullptr;
    std::string reason;    // why it goes
    bool by_size = false;  // only if the sizes ask for it
  };
  struct HeldPlan {
    Sha256Digest key;
    std::vector<ObjectTable::Position> objects;
  };
  struct UnheldPlan {
    Sha256Digest key;
    std::string artifacts, files;  // as PlanRow has them
    std::string reason;            // why it goes
    bool by_size = false;          // only if the sizes ask for it
  };
  struct Sizes;

  void read_roots(const GcOptions& options);
  void choose_packages(const GcOptions& options);
  void keep_namesakes();
  void keep_last_of_each_name(std::uint64_t number);
  void mark_all(const GcOptions& options, const Deadline& deadline, Progress& progress);
  void evict_by_size(const GcOptions& options, std::uint64_t free_blocks);
  [[nodiscard]] bool has_other_names(ObjectTable::Position position, const Sizes& sizes) const;
  void evict(const Candidate& candidate, Sizes& sizes);
  void release(ObjectTable::Position position, Sizes& sizes);
  void judge_unheld_plans(const GcOptions& options);
  [[nodiscard]] std::optional<std::chrono::seconds> idle_time(const UnheldPlan& plan) const;
  void release_plan(HeldPlan& plan, Sizes& sizes);
  [[nodiscard]] GcPlan describe_plan(const UnheldPlan& plan) const;
  void measure_history();
  void hold_package(const Package& package);
  void hold_plans();
  void see_plan(const Sha256Digest& key, const PlanNeeds& needs);
  void hold_plan(const Sha256Digest& key, std::string_view artifacts, std::string_view files);
  [[nodiscard]] bool is_unheld(const Sha256Digest& key, const PlanNeeds& needs) const;
  void read_new_anchors(std::unordered_set<Sha256Digest>& named);
  void read_new_pins(std::unordered_set<Sha256Digest>& named);
  void take_newcomers(const std::unordered_set<Sha256Digest>& named);
  void warn_once(std::string warning);

  const Store& store_;
  std::vector<Root> roots_;
  std::vector<Pin> pins_;  // that were there at the mark
  std::unordered_set<std::string> seen_ids_, seen_pins_;
  std::unordered_set<Sha256Digest> interpreters_;  // artifacts of captured interpreters
  std::vector<Package> packages_;
  std::uint64_t sequence_ = 0;  // the highest seen
  ObjectTable objects_;
  std::unordered_set<Sha256Digest> kept_;
  std::unordered_set<Sha256Digest> needed_;  // those of them that somebody holds, whatever the policy
  PlanHolds plan_holds_;
  // In the order in which they go. Where sizes decide they are kept until then.
  std::vector<Candidate> candidates_;
  std::unordered_map<Sha256Digest, Fingerprint> held_plans_;  // by their keys: what they needed when they were held
  // With candidates that sizes decide on: what else goes with them.
  bool sizes_decide_ = false;
  std::vector<HeldPlan> plans_;
  std::unordered_multimap<Sha256Digest, std::size_t> plans_on_;  // by artifacts
  std::vector<GcPackage> evicted_;
  // Found by the mark: what nobody holds, although its packages stay. What is recorded later is not judged.
  std::vector<UnheldPlan> unheld_plans_;
  std::unordered_set<Sha256Digest> unheld_keys_;
  bool plans_judged_ = false;
  std::vector<GcPlan> evicted_plans_;
  std::vector<std::string> warnings_;
  HeldHistory history_;
  std::uint64_t history_bytes_ = 0;
  bool blind_ = false;  // an anchor, pin or interpreter cannot be read
  bool complete_ = false;
  bool leaves_packages_ = false;
  bool frees_too_little_ = false;
};

}  // namespace cas
