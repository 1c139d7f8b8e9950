// Who may change an environment.
#pragma once

#include <string>

#include "store/sys/fd.hpp"

namespace cas {

// The right to change the environment in the open directory: flock on its .cas directory, which is made where it is missing and
// removed again if no environment comes of it. Throws Error where somebody else has it for a minute. `path`: for messages.
class EnvironmentLock {
 public:
  EnvironmentLock(int environment, const std::string& path);
  ~EnvironmentLock();
  EnvironmentLock(const EnvironmentLock&) = delete;
  EnvironmentLock& operator=(const EnvironmentLock&) = delete;

  // The .cas directory.
  [[nodiscard]] int directory() const { return own_.get(); }

 private:
  int environment_;
  Fd own_;
  bool made_ = false;
};

// For a command that takes the environment itself away: the same right, held while `own`, its open .cas directory, is open.
// Throws Error where somebody else has it for a minute.
void lock_environment(int own, const std::string& path);

// Waits as long for whoever holds `mark`, the open running/<id> of the environment at `path`. Throws the same.
void wait_for_maker(int mark, const std::string& path);

}  // namespace cas
