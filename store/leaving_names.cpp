#include "store/leaving_names.hpp"

#include <algorithm>

#include "store/sys/file.hpp"
#include "store/sys/tree.hpp"

namespace cas {

LeavingNames::LeavingNames(const std::vector<Root>& roots, const std::vector<std::string>& leaving) {
  for (const Root& root : roots) {
    if (std::ranges::find(leaving, root.anchor.id) == leaving.end()) continue;
    const Fd directory = try_open_directory_at(kCurrentDirectory, root.anchor.target);
    if (!directory) continue;
    walk_tree(directory.get(), [&](const std::string&, const struct stat& info) {
      if (S_ISREG(info.st_mode)) ++names_[{info.st_dev, info.st_ino}];
    });
  }
}

nlink_t LeavingNames::of(const struct stat& file) const {
  const auto found = names_.find({file.st_dev, file.st_ino});
  return found == names_.end() ? 0 : found->second;
}

}  // namespace cas
