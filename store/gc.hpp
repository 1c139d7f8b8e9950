// Garbage collection: gives back what no environment uses.
//
// Mark: packages named by the anchors of environments, by pins and by history, and those that the policy retains; their objects. Of
// these packages' plans, with bytecode and generated files, those that are held (store/plan_holds.hpp); the others go by the policy, too.
// Sweep: in small batches under `gc.lock` exclusive, each re-checked against anchors, pins and packages younger than the mark; rows
// first, commit, then files. A crash leaves orphan files, never a row without its file, and a collection that was stopped is
// taken up by the next. An object with further names is held by some environment, wherever that is mounted: deleting the store's name
// would free nothing, so it stays.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/base/progress.hpp"
#include "store/page_cache.hpp"
#include "store/store.hpp"

namespace cas {

struct GcOptions {
  bool dry_run = false;
  // Packages that nothing needs are kept while their last use is younger than this...
  std::optional<std::chrono::seconds> max_age;
  // ...and, the least recently used going first, while the store's objects take at most this many bytes...
  std::optional<std::uint64_t> max_size;
  // ...and only as many go as are needed to have max_free bytes free, where less than min_free are: otherwise nothing is done at all.
  // Where one of the two is missing it is the other.
  std::optional<std::uint64_t> min_free, max_free;
  // With none of these, all packages that nothing needs go.
  //
  // Of each name the packages used last stay, so many; those that are in use count.
  std::uint64_t keep_last = 0;
  std::chrono::seconds pages_max_age = kPagesMaxAge;
  bool drop_history = false;  // no environment can be rolled back afterwards
  // Ids of anchors whose environments cannot be seen and shall count as gone (find_forgettable() of roots.hpp).
  std::vector<std::string> forgotten{};
  // With `dry_run`: ids of the anchors of environments that the caller would have removed before.
  std::vector<std::string> leaving{};
  // Stops when so many bytes are given back, with the least recently used packages, or so much time has passed.
  std::optional<std::uint64_t> max_freed;
  std::optional<std::chrono::milliseconds> max_duration;
};

// How many bytes shall be free in the end, where min_free or max_free is given.
[[nodiscard]] inline std::uint64_t free_target(const GcOptions& options) {
  return options.max_free.value_or(options.min_free.value_or(0));
}

struct GcPackage {
  Sha256Digest artifact;
  std::string name, version, file_name;
  std::string reason;  // "no environment uses it", "no environment uses it, unused for 40 d"
};

// What was compiled and generated for environments of certain packages, all of which stay.
struct GcPlan {
  Sha256Digest key;
  std::vector<std::string> packages;  // "name version"
  std::string reason;  // "no environment was made with it", "no environment was made with it, unused for 40 d"
};

enum class GcStop {
  finished,
  enough_free,  // nothing was done: min_free bytes are free
  max_freed,
  max_duration
};

struct GcResult {
  GcStop stop = GcStop::finished;
  std::uint64_t environments = 0;      // roots that are alive
  std::uint64_t unseen = 0;            // those of them that nobody can see
  std::vector<std::string> gone;       // targets of environments that were deleted
  std::vector<std::string> forgotten;  // targets of those that were asked to be forgotten
  std::vector<GcPackage> packages;     // removed (or to be removed)
  std::vector<GcPlan> plans;           // the same; without those that went with their packages
  std::uint64_t objects_removed = 0;
  std::uint64_t bytes_freed = 0;  // sizes of the removed objects' content
  std::uint64_t objects_kept = 0;
  std::uint64_t objects_held = 0;  // not in use by any package, but with other names on disk: kept
  // Not in use, and left to the next collection: this one was stopped, or somebody was writing there.
  std::uint64_t objects_left = 0;
  std::uint64_t leftovers_removed = 0;  // orphans, dead scratch
  RemovedPages pages;                   // of indexes, by their age
  std::uint64_t batches = 0;
  bool frees_too_little = false;  // max_free bytes will not be free, although all goes that may
  // What environments can be rolled back to (store/history.hpp), and what that alone keeps: packages, and bytes of their objects.
  std::uint64_t history_revisions = 0, history_packages = 0, history_bytes = 0;
  std::uint64_t history_dropped = 0;  // revisions that drop_history let go
  std::vector<std::string> warnings;
};

// Bytes on disk that min_free and max_free ask for; 0: none, enough is free. nullopt: neither is given.
[[nodiscard]] std::optional<std::uint64_t> wanted_blocks(const Store& store, const GcOptions& options);

[[nodiscard]] GcResult collect_garbage(const Store& store, const GcOptions& options, Progress& progress);

}  // namespace cas
