// A file that was placed from an object: whether it is still that, and if not, whether other environments see the same.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/base/digest.hpp"
#include "store/ownership.hpp"

namespace cas {

// How names of files begin that are about to take a placed file's name. What a killed command left of them `cas repair` removes.
inline constexpr std::string_view kRelinkScratch = ".cas-relink-";

enum class PlacedState {
  right,
  missing,
  edited,           // a file of its own lies there, or an only name's time or mode was changed
  changed_in_place  // the inode has other names, in the store or in other environments: they all have changed
};

enum class PlacedDepth {
  metadata,  // size, time, mode and, of a shared inode, owner
  contents   // and SHA-256
};

struct PlacedLook {
  PlacedState state = PlacedState::right;
  std::string detail{};  // a sentence's end: "was written to since it was placed"
  std::optional<struct stat> info{};
};

// `path`: relative to the open directory `root`; `ownership`: the store's. Follows no symbolic link in the last component.
// What may not be read is right as far as anybody can tell.
[[nodiscard]] PlacedLook look_at_placed_file(int root, const std::string& path, const ObjectId& object,
                                             std::uint64_t size, const StoreOwnership& ownership, PlacedDepth depth);

}  // namespace cas
