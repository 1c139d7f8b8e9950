#include "store/sys/link.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// Removes the half-made file unless told to keep it.
class NewFile {
 public:
  NewFile(int dir, const char* name, mode_t mode) : dir_(dir), name_(name) {
    fd_ = Fd(::openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (fd_) mode_ = mode;
  }
  ~NewFile() {
    if (fd_ && !kept_) ::unlinkat(dir_, name_, 0);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  [[nodiscard]] bool created() const { return static_cast<bool>(fd_); }
  [[nodiscard]] int fd() const { return fd_.get(); }
  void keep(std::int64_t mtime_seconds) {
    set_mode(fd_.get(), mode_, name_);
    set_mtime(fd_.get(), mtime_seconds, name_);
    kept_ = true;
  }

 private:
  int dir_;
  const char* name_;
  Fd fd_;
  mode_t mode_ = 0;
  bool kept_ = false;
};

bool clone_unsupported(int error_number) {
  switch (error_number) {
    case EXDEV:
    case EPERM:
    case EOPNOTSUPP:
    case ENOTTY:
    case EINVAL:
    case ENOSYS:
    case EAGAIN:  // ZFS, while a transaction group is open
    case ETXTBSY:
      return true;
    default:
      return false;
  }
}

void copy_bytes(int from, int to, std::string_view shown) {
  bool nothing_copied = true;
  while (true) {
    const ssize_t moved = ::copy_file_range(from, nullptr, to, nullptr, std::size_t{1} << 30, 0);
    if (moved == 0) {
      // Some filesystems answer 0 where they mean "not supported": only believe it after a first success.
      if (nothing_copied) break;
      return;
    }
    if (moved > 0) {
      nothing_copied = false;
      continue;
    }
    if (errno == EINTR) continue;
    if (nothing_copied && (clone_unsupported(errno) || errno == EBADF)) break;
    throw_errno("copying", shown);
  }
  std::array<char, 65536> buffer;
  std::uint64_t offset = 0;
  while (const std::size_t got = pread_full(from, buffer.data(), buffer.size(), offset, shown)) {
    write_all(to, {buffer.data(), got}, shown);
    offset += got;
  }
}

}  // namespace

LinkOutcome hard_link(int from_dir, const char* from, int to_dir, const char* to) {
  if (::linkat(from_dir, from, to_dir, to, 0) == 0) return LinkOutcome::linked;
  switch (errno) {
    case EEXIST:
      return LinkOutcome::already;
    case ENOENT:
      return LinkOutcome::missing;
    case EMLINK:
      return LinkOutcome::too_many_links;
    case EPERM:
      return LinkOutcome::forbidden;
    case EXDEV:
      return LinkOutcome::elsewhere;
    case EOPNOTSUPP:
    case ENOSYS:
      return LinkOutcome::unsupported;
    default:
      throw_errno("linking", to);
  }
}

LinkOutcome clone_file(int from, int to_dir, const char* to, mode_t mode, std::int64_t mtime_seconds) {
  NewFile file(to_dir, to, mode);
  if (!file.created()) {
    if (errno == EEXIST) return LinkOutcome::already;
    throw_errno("creating", to);
  }
  if (::ioctl(file.fd(), FICLONE, from) != 0) {
    if (clone_unsupported(errno)) return LinkOutcome::unsupported;
    throw_errno("cloning", to);
  }
  file.keep(mtime_seconds);
  return LinkOutcome::linked;
}

LinkOutcome copy_file(int from, int to_dir, const char* to, mode_t mode, std::int64_t mtime_seconds,
                      std::string_view shown) {
  NewFile file(to_dir, to, mode);
  if (!file.created()) {
    if (errno == EEXIST) return LinkOutcome::already;
    throw_errno("creating", shown);
  }
  copy_bytes(from, file.fd(), shown);
  file.keep(mtime_seconds);
  return LinkOutcome::linked;
}

}  // namespace cas
