// Paths in a lock, and where they are meant from.
#pragma once

#include <string>
#include <vector>

#include "store/pylock/pylock.hpp"
#include "store/requirement/requirement_file.hpp"

namespace cas {

// Directories and archives that the requirements name by relative paths become relative to `directory`, where the lock is written: both may then be moved
// together ("paths may be relative to the lock file", PEP 751). What was named by an absolute path or an address stays as it is.
// REQUIRES: the lock's paths, and `directory`, are absolute_path()s.
void make_named_paths_relative(Pylock& lock, const std::vector<ListedRequirement>& requirements,
                               const std::string& directory);

}  // namespace cas
