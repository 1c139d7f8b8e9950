#include "store/page_cache.hpp"

#include <string>
#include <vector>

#include "store/base/clock.hpp"
#include "store/sys/file.hpp"

namespace cas {

RemovedPages remove_old_pages(const Store& store, std::chrono::seconds max_age, bool dry_run) {
  RemovedPages removed;
  const std::string path = store.layout().page_cache();
  const Fd directory = try_open_directory_at(kCurrentDirectory, path);
  if (!directory) return removed;
  std::vector<std::string> names;
  list_directory(directory.get(), path, [&](const std::string& name, unsigned char) { names.push_back(name); });
  const auto now = static_cast<std::int64_t>(now_seconds());
  for (const std::string& name : names) {
    const auto info = stat_at(directory.get(), name);
    // Of the future, where the clock was set back: as if it were new.
    if (!info || !S_ISREG(info->st_mode) || now - info->st_mtime < max_age.count()) continue;
    if (!dry_run && !remove_file_at(directory.get(), name)) continue;
    ++removed.count;
    removed.bytes += static_cast<std::uint64_t>(info->st_size);
  }
  return removed;
}

}  // namespace cas
