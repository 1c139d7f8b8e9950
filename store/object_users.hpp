// Who has an object: packages by their manifests, environments by their anchors.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "store/base/digest.hpp"
#include "store/packages/packages.hpp"
#include "store/store.hpp"

namespace cas {

struct ObjectUsers {
  std::vector<Package> packages;          // ordered as list_packages() has them
  std::vector<std::string> environments;  // that link it: paths, ordered, none twice
};

// Of each of `objects`. Reads every manifest: for failures. Manifests and anchors that cannot be read name nothing; environments of copies and
// reflinks have files of their own, and are left out.
[[nodiscard]] std::unordered_map<ObjectId, ObjectUsers> users_of_objects(const Store& store,
                                                                         const std::unordered_set<ObjectId>& objects);

}  // namespace cas
