// The same environment again: put right, or over another Python.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "linker/environment.hpp"

namespace cas {

// Makes the environment at `path` anew with its packages, kind and options, from the store alone, in place: what is missing
// comes back, what was edited is kept below .cas/kept and replaced, scripts name the place where it lies now. Foreign files stay, and
// packages that another tool replaced or removed are its own from then on (linker/environment_others.hpp).
// Throws NotFound where no environment of this store is there or its interpreter is gone, Corruption where a package is.
[[nodiscard]] CreateResult restore_environment(const Store& store, const std::string& path, Progress& progress);

// Throws what restore_environment() would throw, as far as that can be told without changing anything: the interpreter, the packages and
// the objects are looked at, not what only shows when files are replaced.
void foresee_restoration(const Store& store, const std::string& path);

struct UpgradeOptions {
  std::optional<std::string>
      python;  // as `cas create --python`; unset: what its interpreter was captured from, as it is now
  bool dry_run = false;
  unsigned threads = 0;
};

struct UpgradeResult {
  std::string path;
  std::string python_before, python_after;  // versions
  std::string base_after;                   // executable of the new base
  bool changed = false;                     // false: it stands on that already
  std::vector<std::string> other_wheels;  // "name version": another wheel of the same version, that fits the new Python
  std::vector<std::string> warnings;
};

// Moves the environment to another Python, in place. Each package stays in its version: by the same wheel where it fits, else by
// another that the store, or a base store, has. Throws InvalidInput naming the packages for which the store has none that fits.
[[nodiscard]] UpgradeResult upgrade_environment(const Store& store, const std::string& path,
                                                const UpgradeOptions& options, Progress& progress);

// Paths of the environments that stand on an outdated capture.
[[nodiscard]] std::vector<std::string> outdated_environments(const Store& store);

}  // namespace cas
