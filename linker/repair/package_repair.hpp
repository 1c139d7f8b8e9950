// Packages that the store has lost, brought back: those with a damaged manifest, those that name what the index does not have, and those that
// environments need and the store does not have any more.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "linker/repair/wheel_sources.hpp"
#include "store/base/digest.hpp"
#include "store/base/progress.hpp"
#include "store/object_repair.hpp"
#include "store/store.hpp"

namespace cas {

struct PackageNeed {
  WantedWheel wanted;
  // Its row's, where that is all that is lost: another store's file of this digest is the same.
  std::optional<Sha256Digest> manifest{};
  bool is_interpreter = false;  // no wheel has it, and no index
};

// The package -> where it came from: another store, a wheel, an index. With RepairRun::dry nothing is written, and nothing is fetched.
// `stores`: other stores, by their directories.
[[nodiscard]] std::map<Sha256Digest, std::string> repair_packages(const Store& store, std::vector<PackageNeed> needs,
                                                                  const std::vector<std::string>& stores,
                                                                  WheelSources& sources, RepairRun run,
                                                                  Progress& progress,
                                                                  std::vector<std::string>& warnings);

}  // namespace cas
