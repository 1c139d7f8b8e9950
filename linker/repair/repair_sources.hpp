// Where good copies of objects may lie: each of these offers what it has of what is wanted.
#pragma once

#include <string>
#include <vector>

#include "linker/locked/package_network.hpp"
#include "store/base/progress.hpp"
#include "store/object_repair.hpp"
#include "store/packages/packages.hpp"

namespace cas {

// Environments and captured interpreters: copies and reflinks, and links to inodes that the store has lost. Shared inodes with other
// bytes than they should have are noted as bad.
void offer_from_trees(const Store& store, ObjectRepair& repair, std::vector<std::string>& warnings);

// Another store's objects, at its directory. Its index is not opened: what counts is what the bytes are. Throws NotFound where no store is.
void offer_from_store(ObjectRepair& repair, const std::string& other);

// The members of a wheel, whatever its own digest. What is no wheel offers nothing, and `warnings` tells of it. `shown`: what the user calls
// it.
void offer_from_wheel(ObjectRepair& repair, const std::string& wheel, const std::string& shown,
                      std::vector<std::string>& warnings);

// Wheel files that may have something of these packages: what `given` names (files, and in folders those with a package's file name), the files that environments
// were made from (direct_url.json), and those that came with interpreters.
[[nodiscard]] std::vector<std::string> wheels_at_hand(const Store& store, const std::vector<Package>& packages,
                                                      const std::vector<std::string>& given);

// The wheels of these packages, fetched from where the network's places have files with their digests, into `directory`. Packages that
// nobody has are left out. Throws what the clients throw.
[[nodiscard]] std::vector<std::string> fetch_wheels(PackageNetwork& network, const std::vector<Package>& packages,
                                                    const Store& store, const std::string& directory,
                                                    Progress& progress);

}  // namespace cas
