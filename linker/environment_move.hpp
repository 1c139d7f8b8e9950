// Environments at another place.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/base/progress.hpp"
#include "store/store.hpp"

namespace cas {

struct RefitResult {
  std::string path;             // absolute
  std::string was;              // where it was before; "": here
  std::uint64_t rewritten = 0;  // files that named that place
};

// Makes the environment at `path` one of that place, after it was moved there in whatever way: what names its former
// place (linker/relocation.hpp) is written anew, and a new anchor says where it lies. Atomic, through the journal. Nothing else is
// touched, so what the user added, edited, or removed stays so. `former`: places besides the anchor's where it has been.
// Throws NotFound where no environment of this store is at `path`.
RefitResult refit_environment(const Store& store, const std::string& path, const std::vector<std::string>& former = {});

struct MoveResult {
  std::string from, to;         // absolute
  std::uint64_t rewritten = 0;  // as above
  bool to_other_filesystem = false;
  std::vector<std::string> warnings;
};

// Moves the environment: by one rename, and then as above; to another filesystem as a clone with all changes, after which the
// original is removed. Killed in between, it is at the one place or the other (or, on two filesystems, at both), and
// finish_moves() goes on. Where it fails it is at the old place. If it is at `to` already, having been moved by the user, only what
// names its place follows. Throws NotFound where none is at either, UsageError where something else is at `to`.
[[nodiscard]] MoveResult move_environment(const Store& store, const std::string& from, const std::string& to,
                                          Progress& progress);

// Finishes what killed moves have left. A warning for each that cannot be finished.
void finish_moves(const Store& store, std::vector<std::string>& warnings);

}  // namespace cas
