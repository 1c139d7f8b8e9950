// Giving a file another name or a copy: hard link, reflink, copy. One step each; the ladder that falls from one
// to the next belongs to the caller, who knows the policy.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace cas {

enum class LinkOutcome {
  linked,
  already,         // the name exists
  missing,         // the source does not exist
  too_many_links,  // EMLINK: the inode has as many names as the filesystem allows
  forbidden,  // EPERM, of a hard link: somebody else's file that this user cannot write (protected_hardlinks), or no links here
  elsewhere,   // EXDEV, of a hard link: another filesystem, or another mount of the same
  unsupported  // EOPNOTSUPP, ...: this way does not work for this file
};

// linkat(2). Throws SystemError on anything else (ENOSPC, EIO, EDQUOT, ...).
[[nodiscard]] LinkOutcome hard_link(int from_dir, const char* from, int to_dir, const char* to);

// Creates `to` (mode `mode`, modification time `mtime_seconds`) sharing the extents of the open file `from`
// (ioctl_ficlone(2)). Nothing is left behind when it is unsupported.
[[nodiscard]] LinkOutcome clone_file(int from, int to_dir, const char* to, mode_t mode, std::int64_t mtime_seconds);

// Creates `to` with the bytes of `from` (copy_file_range(2), else read and write).
[[nodiscard]] LinkOutcome copy_file(int from, int to_dir, const char* to, mode_t mode, std::int64_t mtime_seconds,
                                    std::string_view shown);

}  // namespace cas
