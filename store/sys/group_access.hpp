// Files and directories that several users of one group work in.
//
// A directory for a group is setgid, so that what is made in it belongs to the group, and has a default ACL, so that no umask takes the
// group's permissions away from what is made in it, by whatever program: the kernel then leaves the umask out.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <string>
#include <string_view>

namespace cas {

// Gives the open directory to the group: group, mode 2775 (what others may read stays), default ACL. Throws SystemError; where the filesystem
// has no ACLs, with what to do.
void open_to_group(int directory, gid_t group, std::string_view shown);
// Undoes that: no default ACL, not setgid, nothing for the group that others may not. Throws SystemError.
void close_to_group(int directory, std::string_view shown);
// Whether that was done, and nobody has undone it.
[[nodiscard]] bool is_open_to_group(const std::string& directory, gid_t group);

// The mode of a directory that is made in a directory of the store: writable for the group exactly where that one is, whatever the umask of
// whoever makes it leaves.
[[nodiscard]] constexpr mode_t mode_of_directory_in(const struct stat& parent) {
  return (parent.st_mode & S_IWGRP) != 0 ? 0777 : 0755;
}
// mkdir with that mode. false: something of the name is there.
bool try_make_store_directory(const std::string& path);

}  // namespace cas
