#include "store/plan_holds.hpp"

#include "store/base/codec.hpp"

namespace cas {

void PlanHolds::add(const Anchor& anchor, AnchorState state) {
  keys_.insert(anchor.plan);
  if (state != AnchorState::running) return;
  for (const AnchoredPackage& package : anchor.packages) packages_.insert(package.artifact);
}

bool PlanHolds::holds(const Sha256Digest& key, std::string_view artifacts) const {
  if (keys_.contains(key)) return true;
  if (artifacts.empty()) return false;
  ByteReader reader(artifacts);
  while (!reader.at_end()) {
    if (!packages_.contains(reader.digest())) return false;
  }
  return true;
}

}  // namespace cas
