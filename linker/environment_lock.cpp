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
  throw Error(path + ": another command is changing it now", "wait until it is done");
}

}  // namespace

EnvironmentLock::EnvironmentLock(int environment, const std::string& path) : environment_(environment) {
  made_ = try_make_directory_at(environment, kAnchorDirectory, 0777);
  own_ = open_directory_at(environment, kAnchorDirectory, path + "/" + kAnchorDirectory);
  const bool locked = try_lock_fd_soon(own_.get(), LockMode::exclusive, kPatience);
  const auto there = stat_at(environment, kAnchorDirectory);
  // Gone or another one: whoever held it has just given up.
  if (!locked || !there || there->st_ino != stat_fd(own_.get(), path).st_ino) {
    throw_busy(path);
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

}  // namespace cas
