#include "store/index/renewal.hpp"

#include <cerrno>

#include "store/base/error.hpp"
#include "store/base/failpoint.hpp"
#include "store/index/index.hpp"
#include "store/sys/file.hpp"
#include "store/sys/link.hpp"
#include "store/sys/lock.hpp"
#include "store/sys/owner.hpp"

namespace cas {

void renew_index(const std::string& directory, uid_t owner, mode_t mode) {
  const std::string path = Index::data_file(directory), fresh = path + ".new";
  if (!stat_path(path)) return;
  const FileLock lock = FileLock::acquire(directory + "/index.lock", LockMode::exclusive);
  remove_file_at(kCurrentDirectory, fresh);
  const Fd old = open_read_at(kCurrentDirectory, path, path);
  const struct stat info = stat_fd(old.get(), path);
  if (copy_file(old.get(), kCurrentDirectory, fresh.c_str(), mode, info.st_mtime, path) != LinkOutcome::linked)
    throw SystemError(EEXIST, "copying", path);
  const Fd copy = open_read_at(kCurrentDirectory, fresh, fresh);
  if (!try_set_owner(copy.get(), owner)) throw SystemError(EPERM, "giving to the store's owner", fresh);
  sync_fd(copy.get(), fresh);
  failpoint("index-renew");
  rename_at(kCurrentDirectory, fresh, kCurrentDirectory, path);
  sync_parent(path);
}

}  // namespace cas
