// Whole directory trees. Symbolic links are never followed; descriptors, not path names, lead the way, so that
// nobody can swap a directory for a link meanwhile.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <string>

namespace cas {

struct RemovedTree {
  std::uint64_t files = 0;  // everything that is not a directory
  std::uint64_t directories = 0;
  std::uint64_t freed_bytes = 0;  // allocated for what had no other name
};

// Removes `path` below `dir` with everything in it, making directories writable where needed. Does not
// descend into other filesystems (a mount inside is an EBUSY error). Not existing is fine.
RemovedTree remove_tree_at(int dir, const std::string& path);

// Calls f(relative path, stat) for everything below `dir` (not for itself), directories before their contents,
// in directory order; stays on one filesystem. Entries that vanish meanwhile are left out.
void walk_tree(int dir, const std::function<void(const std::string& path, const struct stat& info)>& f);

}  // namespace cas
