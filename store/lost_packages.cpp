#include "store/lost_packages.hpp"

#include <algorithm>
#include <tuple>

#include "store/packages/packages.hpp"
#include "store/roots.hpp"

namespace cas {

std::vector<LostPackage> list_lost_packages(const Store& store) {
  std::vector<LostPackage> lost;
  for (const Root& root : list_environments(store)) {
    if (root.state != AnchorState::live) continue;
    for (const AnchoredPackage& anchored : root.anchor.packages) {
      if (find_package(store.index(), anchored.artifact)) continue;
      auto known = std::ranges::find(lost, anchored.artifact, &LostPackage::artifact);
      if (known == lost.end()) {
        known = lost.insert(lost.end(), LostPackage{anchored.artifact, anchored.name, anchored.version, {}, {}});
      }
      known->environments.push_back(root.anchor.target);
      if (!anchored.direct_url.empty()) known->direct_urls.push_back(anchored.direct_url);
    }
  }
  for (LostPackage& package : lost) std::ranges::sort(package.environments);
  std::ranges::sort(lost, [](const LostPackage& a, const LostPackage& b) {
    return std::tie(a.name, a.version, a.artifact) < std::tie(b.name, b.version, b.artifact);
  });
  return lost;
}

}  // namespace cas
