// The mark of a collection: which packages and objects are alive, and why.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "store/gc.hpp"
#include "store/history.hpp"
#include "store/packages/packages.hpp"
#include "store/roots.hpp"

namespace cas {

class Mark {
 public:
  // Reads roots, packages and manifests, and decides by policy. Throws Corruption where the manifest of a package that
  // has to stay cannot be read: without it nobody knows what to keep.
  Mark(const Store& store, const GcOptions& options, Progress& progress);

  // Takes in what came after the mark: anchors, and packages with a higher sequence. REQUIRES: gc.lock is held, so that nothing
  // can be added unseen afterwards.
  void refresh();

  [[nodiscard]] bool is_live(const ObjectId& id) const;
  [[nodiscard]] bool keeps(const Sha256Digest& artifact) const { return kept_.contains(artifact); }

  [[nodiscard]] const std::vector<Root>& roots() const { return roots_; }
  // Packages to remove, with the reason.
  [[nodiscard]] const std::vector<GcPackage>& evicted() const { return evicted_; }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  [[nodiscard]] std::uint64_t live_environments() const;
  // Revisions that can be rolled back to, packages that only they keep, and the bytes of objects that only those have.
  [[nodiscard]] const HeldHistory& history() const { return history_; }
  [[nodiscard]] std::uint64_t history_bytes() const { return history_bytes_; }

 private:
  void choose_packages(const GcOptions& options);
  void evict_down_to(std::uint64_t most_bytes, std::vector<const Package*> evictable);
  void keep_package(const Sha256Digest& artifact, const PackageRow& row);
  void add_history(const Package& package);
  void keep_plans();
  void finish();

  const Store& store_;
  std::vector<Root> roots_;
  std::unordered_set<std::string> seen_ids_;
  std::unordered_set<Sha256Digest> interpreters_;  // artifacts of captured interpreters
  std::vector<Package> packages_;
  std::uint64_t sequence_ = 0;  // the highest seen
  std::unordered_set<Sha256Digest> kept_;
  std::vector<ObjectId> live_;  // sorted, without repetition: 33 bytes an object
  std::unordered_set<ObjectId> late_;
  std::vector<GcPackage> evicted_;
  std::vector<std::string> warnings_;
  HeldHistory history_;
  std::uint64_t history_bytes_ = 0;
  bool blind_ = false;  // an anchor cannot be read
  bool finished_ = false;
};

}  // namespace cas
