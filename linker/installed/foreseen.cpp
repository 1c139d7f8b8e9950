#include "linker/installed/foreseen.hpp"

namespace cas {

InstalledDistribution foreseen_distribution(const PackageMetadata& metadata) {
  InstalledDistribution one;
  one.name = metadata.name;
  one.normalized = metadata.normalized_name;
  one.version = metadata.version;
  one.requires_dist = metadata.requires_dist;
  return one;
}

InstalledDistribution asking_user(const std::vector<Requirement>& asked_for) {
  InstalledDistribution user;
  user.normalized = "@user";
  for (Requirement requirement : asked_for) {
    requirement.marker.reset();
    user.requires_dist.push_back(requirement.text());
  }
  return user;
}

}  // namespace cas
