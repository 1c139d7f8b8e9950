// Where good copies of objects may lie: each of these offers what it has of what is wanted.
#pragma once

#include <string>
#include <vector>

#include "store/object_repair.hpp"

namespace cas {

// Environments and captured interpreters: copies and reflinks, and links to inodes that the store has lost. Shared inodes with other
// bytes than they should have are noted as bad.
// `elsewhere`: as for_each_object_tree() has it.
void offer_from_trees(const Store& store, ObjectRepair& repair, const std::vector<std::string>& elsewhere,
                      std::vector<std::string>& warnings);

// Another store's objects, at its directory. Its index is not opened: what counts is what the bytes are. Throws NotFound where no store is.
void offer_from_store(ObjectRepair& repair, const std::string& other);

// The members of a wheel, whatever its own digest. What is no wheel offers nothing, and `warnings` tells of it. `shown`: what the user calls
// it.
void offer_from_wheel(ObjectRepair& repair, const std::string& wheel, const std::string& shown,
                      std::vector<std::string>& warnings);

}  // namespace cas
