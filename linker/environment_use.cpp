#include "linker/environment_use.hpp"

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "store/sys/lock.hpp"
#include "store/sys/process.hpp"

namespace cas {
namespace {

// A collector that looks whether it may go holds it for a moment.
constexpr std::chrono::seconds kPatience{2};

}  // namespace

Fd hold_environment(const std::string& path) {
  const Fd directory = try_open_directory_at(kCurrentDirectory, path);
  if (!directory) return {};
  try {
    if (!try_lock_fd_soon(directory.get(), LockMode::shared, kPatience)) return {};
  } catch (const SystemError&) {  // no locks there: the last use tells, as for all others
  }
  // Removed, or set aside to be, before it was locked?
  const auto there = stat_path(path);
  if (!there || there->st_ino != stat_fd(directory.get(), path).st_ino) return {};
  return inherited_copy(directory.get());
}

Fd claim_environment(const std::string& path) {
  Fd directory = try_open_directory_at(kCurrentDirectory, path);
  if (!directory || !try_lock_fd(directory.get(), LockMode::exclusive)) return {};
  return directory;
}

}  // namespace cas
