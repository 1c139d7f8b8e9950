// Garbage collection: gives back what no environment uses.
//
// Mark: packages named by the anchors of environments, and those that the policy retains; their objects. Sweep: in small
// batches under `gc.lock` exclusive, each re-checked against anchors and packages younger than the mark; rows first,
// commit, then files. A crash leaves orphan files, never a row without its file. An object with further names is held
// by some environment, wherever that is mounted: deleting the store's name would free nothing, so it stays.
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
  // Packages that no environment uses are kept while their last use is younger than this...
  std::optional<std::chrono::seconds> max_age;
  // ...and, the least recently used going first, while the store's objects take at most this many bytes.
  // With neither, all packages that no environment uses go.
  std::optional<std::uint64_t> max_size;
  std::chrono::seconds pages_max_age = kPagesMaxAge;
  bool drop_history = false;  // no environment can be rolled back afterwards
  // With `dry_run`: ids of the anchors of environments that the caller would have removed before.
  std::vector<std::string> leaving{};
};

struct GcPackage {
  Sha256Digest artifact;
  std::string name, version, file_name;
  std::string reason;  // "no environment uses it", "unused for 40 d", "the store is larger than 10 GB"
};

struct GcResult {
  std::uint64_t environments = 0;   // roots that are alive
  std::vector<std::string> gone;    // targets of environments that were deleted
  std::vector<GcPackage> packages;  // removed (or to be removed)
  std::uint64_t objects_removed = 0;
  std::uint64_t bytes_freed = 0;  // sizes of the removed objects' content
  std::uint64_t objects_kept = 0;
  std::uint64_t objects_held = 0;       // not in use by any package, but with other names on disk: kept
  std::uint64_t leftovers_removed = 0;  // orphans, dead scratch
  RemovedPages pages;                   // of indexes, by their age
  std::uint64_t batches = 0;
  // What environments can be rolled back to (store/history.hpp), and what that alone keeps: packages, and bytes of their objects.
  std::uint64_t history_revisions = 0, history_packages = 0, history_bytes = 0;
  std::vector<std::string> warnings;
};

[[nodiscard]] GcResult collect_garbage(const Store& store, const GcOptions& options, Progress& progress);

}  // namespace cas
