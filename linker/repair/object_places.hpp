// Where environments and captured interpreters have objects of the store.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "linker/environment.hpp"
#include "store/base/digest.hpp"
#include "store/store.hpp"

namespace cas {

// A directory that was made of objects.
struct ObjectTree {
  std::string path;
  bool is_environment = false;  // else a captured interpreter's
  LinkMode mode = LinkMode::automatic;
  struct File {
    ObjectId object;
    std::uint64_t size = 0;
  };
  using Files = std::unordered_map<std::string, File>;  // by path below it
  Files files;
};

// Calls `use` for environments that lie where they were made, for those `elsewhere`, which have been moved there, then for captured
// interpreters; one is in memory at a time. Files of packages that the store does not have (any more) are not among `files`, nor is anything
// of a tree that cannot be looked at: `warnings` tells of those. Throws NotFound where one of `elsewhere` is no environment of the store.
void for_each_object_tree(const Store& store, const std::vector<std::string>& elsewhere,
                          std::vector<std::string>& warnings, const std::function<void(const ObjectTree&)>& use);

}  // namespace cas
