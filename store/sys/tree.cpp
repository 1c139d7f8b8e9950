#include "store/sys/tree.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <cerrno>
#include <vector>

#include "store/base/error.hpp"
#include "store/base/progress.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

void remove_contents(int dir, const std::string& shown, dev_t device, RemovedTree& removed) {
  std::vector<std::string> directories;
  std::vector<std::string> files;
  list_directory(dir, shown, [&](const std::string& name, unsigned char type) {
    bool directory = type == DT_DIR;
    if (type == DT_UNKNOWN) {
      const auto info = stat_at(dir, name);
      directory = info && S_ISDIR(info->st_mode);
    }
    (directory ? directories : files).push_back(name);
  });
  for (const std::string& name : files) {
    const auto info = stat_at(dir, name);
    if (!info || !remove_file_at(dir, name)) continue;
    ++removed.files;
    if (info->st_nlink == 1) removed.freed_bytes += static_cast<std::uint64_t>(info->st_blocks) * 512;
  }
  for (const std::string& name : directories) {
    const std::string path = shown + "/" + name;
    const Fd child = try_open_directory_at(dir, name);
    std::uint64_t bytes = 0;
    if (child) {
      const struct stat info = stat_fd(child.get(), path);
      bytes = static_cast<std::uint64_t>(info.st_blocks) * 512;
      if (info.st_dev != device) throw SystemError(EBUSY, "removing (another filesystem is mounted there)", path);
      if ((info.st_mode & S_IRWXU) != S_IRWXU) set_mode(child.get(), info.st_mode | S_IRWXU, path);
      remove_contents(child.get(), path, device, removed);
    }
    if (!remove_directory_at(dir, name)) continue;
    ++removed.directories;
    removed.freed_bytes += bytes;
  }
}

void walk(int dir, const std::string& prefix, dev_t device,
          const std::function<void(const std::string&, const struct stat&)>& f) {
  std::vector<std::string> names;
  list_directory(dir, prefix, [&](const std::string& name, unsigned char) { names.push_back(name); });
  for (const std::string& name : names) {
    check_interrupt();
    const auto info = stat_at(dir, name);
    if (!info) continue;
    const std::string path = prefix.empty() ? name : prefix + "/" + name;
    f(path, *info);
    if (!S_ISDIR(info->st_mode) || info->st_dev != device) continue;
    const Fd child = try_open_directory_at(dir, name);
    if (child) walk(child.get(), path, device, f);
  }
}

}  // namespace

RemovedTree remove_tree_at(int dir, const std::string& path) {
  RemovedTree removed;
  const auto info = stat_at(dir, path);
  if (!info) return removed;
  if (!S_ISDIR(info->st_mode)) {
    if (!remove_file_at(dir, path)) return removed;
    ++removed.files;
    if (info->st_nlink == 1) removed.freed_bytes += static_cast<std::uint64_t>(info->st_blocks) * 512;
    return removed;
  }
  std::uint64_t bytes = 0;
  {
    const Fd child = open_directory_at(dir, path);
    const struct stat opened = stat_fd(child.get(), path);
    bytes = static_cast<std::uint64_t>(opened.st_blocks) * 512;
    if ((opened.st_mode & S_IRWXU) != S_IRWXU) set_mode(child.get(), opened.st_mode | S_IRWXU, path);
    remove_contents(child.get(), path, opened.st_dev, removed);
  }
  if (!remove_directory_at(dir, path)) return removed;
  ++removed.directories;
  removed.freed_bytes += bytes;
  return removed;
}

void walk_tree(int dir, const std::function<void(const std::string&, const struct stat&)>& f) {
  walk(dir, "", stat_fd(dir, "directory").st_dev, f);
}

}  // namespace cas
