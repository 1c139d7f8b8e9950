// Whether a source tree of the user's is still as it was, without reading its files.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "store/base/digest.hpp"

namespace cas {

// Path -> kind, mode, size and modification time (a link: its target) of everything that may go into a package. Left out is what building
// and running leave in a tree, and what others keep there: bytecode, shared objects, *.egg-info, build/ and dist/ at the top, environments,
// directories that CACHEDIR.TAG marks; of .git what says which commit and which tags there are.
using TreeState = std::map<std::string, std::string, std::less<>>;

// nullopt: there is too much to look at. Throws SystemError.
[[nodiscard]] std::optional<TreeState> look_at_tree(const std::string& directory);

[[nodiscard]] Sha256Digest digest_of(const TreeState& state);

// Everything of `before` is in `after` as it was: what came is what a build has left there.
[[nodiscard]] bool only_added(const TreeState& before, const TreeState& after);

}  // namespace cas
