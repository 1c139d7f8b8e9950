// An environment as it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "linker/packages/packages_result.hpp"
#include "store/base/progress.hpp"
#include "store/history.hpp"
#include "store/store.hpp"

namespace cas {

struct RollbackOptions {
  std::optional<std::uint64_t> revision;  // unset: the one before the current one
  bool dry_run = false;
  unsigned threads = 0;  // 0: as many as CPUs
};

struct RollbackResult {
  std::string path;            // absolute
  std::uint64_t to = 0;        // the revision that it is again
  std::uint64_t revision = 0;  // its number as a new one; 0: nothing had to be changed, or it was a dry run
  std::string python_before, python_after;  // versions
  std::vector<PackageStep> steps;           // by name
  std::vector<std::string> broken;          // sentences: who stays, put there by another tool, and is no longer content
  std::vector<std::string> warnings;
};

// Makes the environment what it was, by relinking from the store: packages, interpreter, kind. What other tools put there stays, but for
// packages of the same names. Atomic as every change, and a revision of its own.
// Throws NotFound where there is no such revision, or naming every package, or the interpreter, that the store has no more.
[[nodiscard]] RollbackResult roll_back(const Store& store, const std::string& path, const RollbackOptions& options,
                                       Progress& progress);

// What one revision changed.
struct RevisionChange {
  Revision revision;
  bool current = false;
  std::optional<std::vector<PackageStep>> steps;  // nullopt: the one before it is no longer known
  std::string python_before;                      // version, where that was another
};

// By number, the current one last. Throws what find_root() throws.
[[nodiscard]] std::vector<RevisionChange> environment_history(const Store& store, const std::string& path,
                                                              std::vector<std::string>& warnings);

// Lets go of all revisions of the environment but the current one; how many there were.
[[nodiscard]] std::size_t drop_history(const Store& store, const std::string& path, bool dry_run);

}  // namespace cas
