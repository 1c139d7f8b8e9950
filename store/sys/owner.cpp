#include "store/sys/owner.hpp"

#include <unistd.h>

namespace cas {

bool try_set_owner(int fd, uid_t user) { return ::fchown(fd, user, static_cast<gid_t>(-1)) == 0; }

}  // namespace cas
