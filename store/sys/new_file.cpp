#include "store/sys/new_file.hpp"

#include <fcntl.h>

#include <cerrno>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"

namespace cas {

NewFile::NewFile(const std::string& directory) : directory_(directory), dir_(open_directory(directory)) {
  file_ = Fd(::openat(dir_.get(), ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666));
  if (file_) return;
  // What kernels and filesystems without it answer; everything else would befall a file with a name as well.
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL)
    throw_errno("creating a file in", directory);
  temporary_ = ".new-" + random_name();
  file_ = create_file_at(dir_.get(), temporary_, 0666 & ~process_umask(), directory + "/" + temporary_);
}

NewFile::~NewFile() {
  if (!temporary_.empty()) remove_file_quietly_at(dir_.get(), temporary_);
}

void NewFile::write(std::string_view bytes) { write_all(file_.get(), bytes, "a new file in " + directory_); }

void NewFile::restart() {
  if (::ftruncate(file_.get(), 0) != 0 || ::lseek(file_.get(), 0, SEEK_SET) != 0) {
    throw_errno("emptying a new file in", directory_);
  }
}

void NewFile::publish(const std::string& name, Durability durability) {
  if (durability != Durability::none) sync_fd(file_.get(), directory_ + "/" + name);
  if (temporary_.empty()) {
    const std::string own = "/proc/self/fd/" + std::to_string(file_.get());
    if (::linkat(AT_FDCWD, own.c_str(), dir_.get(), name.c_str(), AT_SYMLINK_FOLLOW) == 0) return;
    if (errno != EEXIST) throw_errno("naming a new file", directory_ + "/" + name);
    // There is no linkat that replaces: so by a rename.
    temporary_ = ".new-" + random_name();
    if (::linkat(AT_FDCWD, own.c_str(), dir_.get(), temporary_.c_str(), AT_SYMLINK_FOLLOW) != 0) {
      throw_errno("naming a new file", directory_ + "/" + temporary_);
    }
  }
  rename_at(dir_.get(), temporary_, dir_.get(), name);
  temporary_.clear();
}

}  // namespace cas
