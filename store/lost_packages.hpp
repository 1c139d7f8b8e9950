// Packages that environments are made of and that the store does not have (any more): a repair gave them up, or a rebuild left them out.
#pragma once

#include <string>
#include <vector>

#include "store/base/digest.hpp"
#include "store/store.hpp"

namespace cas {

struct LostPackage {
  Sha256Digest artifact;
  std::string name, version;              // as METADATA spells them
  std::vector<std::string> direct_urls;   // texts of direct_url.json that name its wheel
  std::vector<std::string> environments;  // whose anchors name it: paths, ordered
};

// Of environments that exist for certain; ordered by name and version. Costs a look-up for each package of each environment.
[[nodiscard]] std::vector<LostPackage> list_lost_packages(const Store& store);

}  // namespace cas
