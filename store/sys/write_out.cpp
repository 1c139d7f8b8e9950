#include "store/sys/write_out.hpp"

#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// So many are on their way together: bounds the descriptors.
constexpr std::size_t kTogether = 64;

void start(int fd) {
  // Only a head start: whether it works does not matter.
  static_cast<void>(::sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE));
}

}  // namespace

void write_out(int fd, std::string_view shown) {
  fiemap request{};
  request.fm_length = FIEMAP_MAX_OFFSET;
  request.fm_flags = FIEMAP_FLAG_SYNC;
  if (::ioctl(fd, FS_IOC_FIEMAP, &request) == 0) return;
  if (errno == EIO || errno == ENOSPC || errno == EDQUOT) throw_errno("writing", shown);
  sync_data_fd(fd, shown);
}

void write_out_at(int directory, std::span<const std::string> paths) {
  while (!paths.empty()) {
    const std::span<const std::string> some = paths.first(std::min(kTogether, paths.size()));
    paths = paths.subspan(some.size());
    std::vector<std::pair<Fd, const std::string*>> files;
    for (const std::string& path : some) {
      const auto info = stat_at(directory, path);
      if (!info || !S_ISREG(info->st_mode) || info->st_size == 0) continue;
      files.emplace_back(open_read_at(directory, path), &path);
      start(files.back().first.get());
    }
    for (const auto& [file, path] : files) write_out(file.get(), *path);
  }
}

}  // namespace cas
