// Who could change a file.
#pragma once

#include <sys/stat.h>

namespace cas {

// Whether nobody but the effective user and root can change it: one of them owns it, and others may not write. A group may where it is
// the process's own: with the umask of a user whose group is his alone, all that he makes is writable by it.
[[nodiscard]] bool is_only_ours(const struct stat& info);

}  // namespace cas
