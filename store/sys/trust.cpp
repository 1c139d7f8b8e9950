#include "store/sys/trust.hpp"

#include <unistd.h>

namespace cas {

bool is_only_ours(const struct stat& info) {
  if (info.st_uid != ::geteuid() && info.st_uid != 0) return false;
  // Of a symbolic link the permissions say nothing, and where it leads is not seen here.
  if (S_ISLNK(info.st_mode)) return false;
  if ((info.st_mode & S_IWOTH) != 0) return false;
  return (info.st_mode & S_IWGRP) == 0 || info.st_gid == ::getegid() || info.st_gid == 0;
}

}  // namespace cas
