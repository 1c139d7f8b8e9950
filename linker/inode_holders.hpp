// Which environments have a file, rather than another one with the same bytes.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "store/object_repair.hpp"
#include "store/roots.hpp"
#include "store/store.hpp"
#include "store/verify.hpp"

namespace cas {

struct InodeHolders {
  std::map<InodeId, std::vector<std::string>> holders;  // their paths, ordered
  std::set<std::string> looked_at;                      // environments that lie where they were made
};
// Looks at every file of every environment that lies where it was made: for failures.
[[nodiscard]] InodeHolders find_inode_holders(const Store& store, const std::set<InodeId>& inodes);

// Of each problem's environments, those stay that have the damaged file itself. So do those that could not be looked at, and where no file is.
void keep_holders(const Store& store, std::vector<Problem>& problems);

// Those of `environments` that have the inode where one with `site_packages` has it at `path`; `itself` is not among them. A few look-ups each.
[[nodiscard]] std::vector<std::string> environments_sharing(const Store& store,
                                                            const std::vector<std::string>& environments,
                                                            const std::string& itself, const std::string& site_packages,
                                                            const std::string& path, const InodeId& inode);

}  // namespace cas
