// Taking packages out of an environment.
#pragma once

#include <string>
#include <vector>

#include "linker/packages/packages_result.hpp"
#include "store/base/progress.hpp"
#include "store/store.hpp"

namespace cas {

struct UninstallOptions {
  std::vector<std::string> names;  // in any spelling
  bool recursive = false;          // and what came along with them, that nobody asked for and nobody else needs
  bool dry_run = false;
  unsigned threads = 0;  // 0: as many as CPUs
};

struct UninstallResult {
  std::string path;                        // absolute
  std::vector<PackageStep> removed;        // by name
  std::vector<std::string> not_installed;  // of the names, as they were spelled
  std::vector<std::string> broken;         // sentences: who needs what has gone
  std::vector<std::string> warnings;
};

// Packages that other tools installed go, too, by their RECORDs. Names that are not installed are passed over. Atomic as
// every change of an environment. Throws what look_at_changed() throws; Error for another tool's package without RECORD.
[[nodiscard]] UninstallResult uninstall_packages(const Store& store, const std::string& path,
                                                 const UninstallOptions& options, Progress& progress);

}  // namespace cas
