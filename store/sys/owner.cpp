#include "store/sys/owner.hpp"

#include <unistd.h>

namespace cas {

bool try_set_owner(int fd, uid_t user) { return ::fchown(fd, user, static_cast<gid_t>(-1)) == 0; }

bool try_set_group(int fd, gid_t group) { return ::fchown(fd, static_cast<uid_t>(-1), group) == 0; }

}  // namespace cas
