// What a filesystem is and can do.
#pragma once

#include <cstdint>
#include <string>

namespace cas {

struct FilesystemInfo {
  std::string type;      // "ext4", "xfs", "btrfs", "tmpfs", "overlay", "nfs", …, or "0x<magic>"
  bool network = false;  // its locks or mappings are not those of a local disk: no index there
  bool read_only = false;
  std::uint64_t block_bytes = 0;
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;  // for this user
};

// statfs(2) of an existing path. Throws SystemError.
[[nodiscard]] FilesystemInfo filesystem_of(const std::string& path);

// Whether a file in `from_dir` can be linked / cloned into `to_dir` (both existing, writable directories):
// tried with a scratch file of each, which is removed again.
struct LinkAbilities {
  bool hardlink = false;
  bool reflink = false;
  bool copy = false;
};
[[nodiscard]] LinkAbilities probe_link_abilities(const std::string& from_dir, const std::string& to_dir);

}  // namespace cas
