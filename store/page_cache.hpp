// Pages of package indexes that nobody has looked at for long: the cache itself (store/net/http_cache.hpp) only ever replaces them.
#pragma once

#include <chrono>
#include <cstdint>

#include "store/store.hpp"

namespace cas {

// Nothing needs them for longer but who works offline.
inline constexpr std::chrono::hours kPagesMaxAge{30 * 24};

struct RemovedPages {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
};

// Removes pages that were last got, or known to be right, longer ago; with `dry_run` only counts them. Safe beside whoever reads or
// writes pages: a page may be forgotten at any time.
RemovedPages remove_old_pages(const Store& store, std::chrono::seconds max_age, bool dry_run);

}  // namespace cas
