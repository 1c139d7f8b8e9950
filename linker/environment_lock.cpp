#include "linker/environment_lock.hpp"

#include <chrono>

#include "store/base/error.hpp"
#include "store/roots.hpp"
#include "store/sys/file.hpp"
#include "store/sys/lock.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

// A change of a large environment takes seconds, most of them for bytecode.
constexpr std::chrono::seconds kPatience{60};

[[noreturn]] void throw_busy(const std::string& path) {
  throw Error(path + ": another cas is making or changing it, and was not done within a minute",
              "wait until it is done");
}

}  // namespace

EnvironmentLock::EnvironmentLock(int environment, const std::string& path) : environment_(environment) {
  made_ = try_make_directory_at(environment, kAnchorDirectory, 0777);
  own_ = open_directory_at(environment, kAnchorDirectory, path + "/" + kAnchorDirectory);
  const bool locked = try_lock_fd_soon(own_.get(), LockMode::exclusive, kPatience);
  const auto there = stat_at(environment, kAnchorDirectory);
  if (!locked) throw_busy(path);
  if (!there || there->st_ino != stat_fd(own_.get(), path).st_ino) {
    throw Error(path + ": another cas was changing it, and has just given up or taken it away",
                "run the command again");
  }
}

EnvironmentLock::~EnvironmentLock() {
  try {
    // With a journal in it, a change was committed that the next command finishes.
    const bool committed = stat_at(environment_, std::string(kAnchorDirectory) + "/journal").has_value();
    if (made_ && !committed && !stat_at(environment_, kAnchorPath)) remove_tree_at(environment_, kAnchorDirectory);
  } catch (const Error&) {
    // An empty directory stays: harmless, and used by the next attempt.
  }
}

void lock_environment(int own, const std::string& path) {
  if (!try_lock_fd_soon(own, LockMode::exclusive, kPatience)) throw_busy(path);
}

void wait_for_maker(int mark, const std::string& path) {
  if (!try_lock_fd_soon(mark, LockMode::shared, kPatience)) throw_busy(path);
}

}  // namespace cas
