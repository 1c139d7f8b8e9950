// Environments that hold damaged inodes get the store's good objects instead.
#pragma once

#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "store/object_repair.hpp"
#include "store/store.hpp"

namespace cas {

struct Relinked {
  std::string path;                  // of the environment, or the captured interpreter's tree
  std::vector<std::string> files;    // below it, linked anew; of these
  std::vector<std::string> removed;  // bytecode that the store has no good object for: Python makes it again
  std::vector<std::string> left;     // still the damaged file: the store has no good object for it
  std::string failure;               // why it could not be looked at, or linked anew as a whole; ""
};

struct RelinkResult {
  std::vector<Relinked> trees;  // those where anything was, or is, wrong
  std::vector<std::string> warnings;
};

struct DamagedObjects {
  const std::map<InodeId, ObjectId>& inodes;
  // RepairRun::dry: what will have a good copy then, and what will have none any more.
  std::unordered_set<ObjectId> coming{}, going{};
};

// Each file of an environment, or of a captured interpreter, that is one of the damaged inodes, or is shared and not what was placed (by one look), takes
// the store's object by a rename: whatever runs keeps what it has open. Files that are the environment's own (edited ones have no other name) stay.
// RepairRun::dry: only says what would be.
// `elsewhere`: as for_each_object_tree() has it.
[[nodiscard]] RelinkResult relink_trees(const Store& store, const DamagedObjects& damaged,
                                        const std::vector<std::string>& elsewhere, RepairRun run);

}  // namespace cas
