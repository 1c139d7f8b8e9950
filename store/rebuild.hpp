// Restoring the index from what lies on disk.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/base/progress.hpp"
#include "store/store.hpp"

namespace cas {

struct RebuildResult {
  std::uint64_t objects = 0;            // accepted: their bytes have the digest that their name says
  std::uint64_t removed = 0;            // files that are no objects, or damaged ones: removed
  std::uint64_t packages = 0;           // whose manifest is sound and whose objects are all there
  std::vector<std::string> incomplete;  // packages left out, and why
};

// Removes the index (damaged or not) and makes a new one: every object is hashed before it is believed; packages come
// back from manifests; plans and memos are dropped. Holds gc.lock exclusively all the time.
[[nodiscard]] RebuildResult rebuild_index(const StoreOptions& options, unsigned threads, Progress& progress);

}  // namespace cas
