#include "store/sys/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

constexpr int kMostLinks = 40;  // the kernel's own limit

// The path at the end of symbolic links; nothing needs to be there.
std::string end_of_links(std::string path) {
  for (int links = 0; links < kMostLinks; ++links) {
    const auto target = read_symlink_at(kCurrentDirectory, path);
    if (!target) return path;
    path = absolute_path(target->starts_with('/') ? *target : std::string(parent_of(path)) + "/" + *target);
  }
  throw SystemError(ELOOP, "writing", path);
}

void write_into(const std::string& path, std::string_view bytes) {
  const Fd file(::open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
  if (!file) throw_errno("writing", path);
  write_all(file.get(), bytes, path);
}

}  // namespace

void write_output_file(const std::string& path, std::string_view bytes) {
  const std::string named = absolute_path(path);
  // What /dev/stdout leads to may have no path that can be opened by name (a pipe): asked of the kernel, not of the links.
  struct stat info {};
  const bool there = ::stat(named.c_str(), &info) == 0;
  if (there && S_ISDIR(info.st_mode)) throw SystemError(EISDIR, "writing", named);
  if (there && !S_ISREG(info.st_mode)) {
    write_into(named, bytes);
    return;
  }
  const std::string end = end_of_links(named);
  const mode_t mode = there ? info.st_mode & 0777 : 0666 & ~process_umask();
  publish_file(std::string(parent_of(end)), std::string(name_of(end)), bytes, mode, Durability::batch);
}

}  // namespace cas
