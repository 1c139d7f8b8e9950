// What crashes leave in a store: files that no row names. Finding and removing them.
#pragma once

#include <cstdint>

#include "store/store.hpp"

namespace cas {

// Object files without a row, manifests without a package, staging directories of dead processes, empty segments. Segments
// that somebody is filling are left alone. Returns how many files and directories were removed.
std::uint64_t remove_leftovers(const Store& store);

// Gives the store's reserve file back to the filesystem when that is full, so that a collection can write, and makes
// it again at the end if there is room.
class DiskReserve {
 public:
  DiskReserve(const Store& store, bool dry_run);
  ~DiskReserve();
  DiskReserve(const DiskReserve&) = delete;
  DiskReserve& operator=(const DiskReserve&) = delete;

 private:
  const Store& store_;
  bool released_ = false;
};

}  // namespace cas
