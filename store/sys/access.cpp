#include "store/sys/access.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace cas {

int directory_write_problem(int dir, const std::string& path) {
  const int flags = AT_EACCESS | AT_SYMLINK_NOFOLLOW;
  return ::faccessat(dir, path.c_str(), W_OK | X_OK, flags) == 0 ? 0 : errno;
}

bool is_protected_by_sticky(const struct stat& directory, const struct stat& entry) {
  const uid_t user = ::geteuid();
  return (directory.st_mode & S_ISVTX) != 0 && user != 0 && directory.st_uid != user && entry.st_uid != user;
}

}  // namespace cas
