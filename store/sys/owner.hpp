// Whose a file is.
#pragma once

#include <sys/types.h>

namespace cas {

// fchown(2) of the user alone. false: not allowed here.
[[nodiscard]] bool try_set_owner(int fd, uid_t user);
// The same of the group alone.
[[nodiscard]] bool try_set_group(int fd, gid_t group);

}  // namespace cas
