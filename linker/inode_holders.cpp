#include "linker/inode_holders.hpp"

#include <algorithm>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

std::set<InodeId> inodes_in(const std::string& directory, const std::set<InodeId>& wanted) {
  std::set<InodeId> found;
  walk_tree(open_directory(directory).get(), [&](const std::string&, const struct stat& info) {
    if (S_ISREG(info.st_mode) && wanted.contains(inode_of(info))) found.insert(inode_of(info));
  });
  return found;
}

std::optional<InodeId> inode_of_object(const Store& store, const ObjectId& id) {
  const auto row = find_object(store, id);
  const auto info = row ? stat_path(store.layout().object(row->segment, id)) : std::nullopt;
  return info ? std::optional(inode_of(*info)) : std::nullopt;
}

}  // namespace

InodeHolders find_inode_holders(const Store& store, const std::set<InodeId>& inodes) {
  InodeHolders result;
  if (inodes.empty()) return result;
  for (const Root& root : list_environments(store)) {
    if (root.state != AnchorState::live || !root.at_target) continue;
    try {
      for (const InodeId& inode : inodes_in(root.anchor.target, inodes)) {
        result.holders[inode].push_back(root.anchor.target);
      }
      result.looked_at.insert(root.anchor.target);
    } catch (const SystemError&) {  // not for us to look at, or it has just been removed
    }
  }
  for (auto& [inode, paths] : result.holders) std::ranges::sort(paths);
  return result;
}

void keep_holders(const Store& store, std::vector<Problem>& problems) {
  std::set<InodeId> inodes;
  std::vector<std::optional<InodeId>> of_problem(problems.size());
  for (std::size_t i = 0; i < problems.size(); ++i) {
    if (!problems[i].object || problems[i].environments.empty()) continue;
    of_problem[i] = inode_of_object(store, *problems[i].object);
    if (of_problem[i]) inodes.insert(*of_problem[i]);
  }
  const InodeHolders found = find_inode_holders(store, inodes);
  for (std::size_t i = 0; i < problems.size(); ++i) {
    if (!of_problem[i]) continue;
    const auto holders = found.holders.find(*of_problem[i]);
    std::erase_if(problems[i].environments, [&](const std::string& path) {
      return found.looked_at.contains(path) &&
             (holders == found.holders.end() || !std::ranges::binary_search(holders->second, path));
    });
  }
}

std::vector<std::string> environments_sharing(const Store& store, const std::vector<std::string>& environments,
                                              const std::string& itself, const std::string& site_packages,
                                              const std::string& path, const InodeId& inode) {
  std::vector<std::string> sharing;
  if (environments.empty()) return sharing;
  for (const Root& root : list_environments(store)) {
    const std::string& target = root.anchor.target;
    if (target == itself || !std::ranges::binary_search(environments, target)) continue;
    // Where another Python's environment has it.
    const std::string there =
        path.starts_with(site_packages + "/") ? root.anchor.site_packages + path.substr(site_packages.size()) : path;
    const auto info = stat_path(target + "/" + there);
    if (info && inode_of(*info) == inode) sharing.push_back(target);
  }
  std::ranges::sort(sharing);
  sharing.erase(std::unique(sharing.begin(), sharing.end()), sharing.end());
  return sharing;
}

}  // namespace cas
