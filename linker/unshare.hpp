// Files of packages that become an environment's own, to be edited; also those that were edited in place already.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "store/object_repair.hpp"
#include "store/store.hpp"

namespace cas {

struct UnshareOptions {
  std::vector<std::string>
      paths;              // relative to the environment, or absolute in it; of a directory, all files of packages below
  bool edited = false;    // and every file that is not what was placed
  bool contents = false;  // `edited` reads every file to find out
  RepairRun run = RepairRun::real;
};

struct Unshared {
  std::string path;      // relative to the environment
  bool changed = false;  // it has other bytes than its package brought, and keeps them
};

struct UnshareResult {
  std::string path;  // of the environment
  std::vector<Unshared> files;
  std::vector<std::string> already;  // were its own before
  // Inodes that were changed in place and that others still have: to be healed by repair_store().
  std::map<InodeId, ObjectId> bad_inodes;
};

// Each file gets an inode of its own, writable by its owner, with the bytes and the time that it has now; the environment remembers that
// (linker/own_copies.hpp), so that neither `cas doctor --fix` nor a change brings the package's file back as long as the package stays. Each takes its place by a rename.
// Throws NotFound where a path is no file of a package, or no environment of this store is there; Error where somebody else is changing it.
[[nodiscard]] UnshareResult unshare_files(const Store& store, const std::string& environment,
                                          const UnshareOptions& options);

}  // namespace cas
