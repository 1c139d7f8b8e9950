#include "store/sys/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "store/base/error.hpp"
#include "store/base/progress.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

int open_retrying(const std::string& path, int flags) {
  while (true) {
    // A link that leads nowhere would be made a file there.
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd >= 0 || errno != EINTR) return fd;
  }
}

// flock needs no permission to write: a reader of somebody else's store locks a file that it can only read.
Fd open_lock_file(const std::string& path) {
  Fd fd(open_retrying(path, O_RDWR | O_CREAT));
  if (fd) return fd;
  const int problem = errno;
  if (problem == EACCES || problem == EROFS) {
    fd = Fd(open_retrying(path, O_RDONLY));
    if (fd) return fd;
  }
  throw SystemError(problem, "open the lock", path);
}

int flock_operation(LockMode mode) { return mode == LockMode::exclusive ? LOCK_EX : LOCK_SH; }

void lock_waiting(int fd, LockMode mode, const std::string& path) {
  while (::flock(fd, flock_operation(mode)) != 0) {
    if (errno != EINTR) throw_errno("take the lock", path);
    check_interrupt();
  }
}

}  // namespace

FileLock FileLock::acquire(const std::string& path, LockMode mode) {
  const std::string gate_path = path + ".gate";
  const Fd gate = open_lock_file(gate_path);
  Fd fd = open_lock_file(path);
  // Two open files of one inode would wait for each other for ever.
  const struct stat one = stat_fd(gate.get(), gate_path);
  const struct stat other = stat_fd(fd.get(), path);
  if (one.st_dev == other.st_dev && one.st_ino == other.st_ino) {
    throw Error(path + " and " + gate_path + " are one file",
                "remove one of them: both are made again, and are always empty");
  }
  lock_waiting(gate.get(), LockMode::exclusive, gate_path);
  lock_waiting(fd.get(), mode, path);
  return FileLock(std::move(fd));
}

std::optional<FileLock> FileLock::acquire_existing(const std::string& path, LockMode mode) {
  const auto open_existing = [](const std::string& name) {
    Fd fd(open_retrying(name, O_RDONLY));
    if (!fd && errno != ENOENT) throw_errno("open the lock", name);
    return fd;
  };
  const std::string gate_path = path + ".gate";
  const Fd gate = open_existing(gate_path);
  Fd fd = open_existing(path);
  if (!fd) return std::nullopt;
  if (gate) lock_waiting(gate.get(), LockMode::exclusive, gate_path);
  lock_waiting(fd.get(), mode, path);
  return FileLock(std::move(fd));
}

bool try_lock_fd(int fd, LockMode mode) {
  while (::flock(fd, flock_operation(mode) | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) throw_errno("take the lock", "of an open file");
  }
  return true;
}

bool try_lock_fd_soon(int fd, LockMode mode, std::chrono::seconds patience) {
  constexpr std::chrono::milliseconds kPause{10};
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!try_lock_fd(fd, mode)) {
    if (std::chrono::steady_clock::now() >= end) return false;
    check_interrupt();
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

}  // namespace cas
