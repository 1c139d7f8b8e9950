// Locks between processes: flock(2), which is held per open file, works across containers that share a
// volume, and dies with its holder. No pid appears in any protocol.
//
// flock starves writers (an exclusive waiter never got in while eight readers looped), so every lock X is
// taken through a gate: lock `X.gate` exclusively, take X, release the gate. Whoever waits for X holds the
// gate, and newcomers queue behind him.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "store/sys/fd.hpp"

namespace cas {

enum class LockMode { shared, exclusive };

// Holds a lock for its lifetime. Each object has an open file of its own, so one process may hold the
// same lock shared in several threads. Never converted from shared to exclusive (flock does that
// non-atomically).
class FileLock {
 public:
  // Waits. Creates `path` and `path`.gate if needed. Throws SystemError; on a read-only filesystem a
  // missing lock file is an EROFS error.
  [[nodiscard]] static FileLock acquire(const std::string& path, LockMode mode);
  // For who only looks: waits, opens for reading and creates nothing. nullopt: there is no such file. A missing gate is done without.
  [[nodiscard]] static std::optional<FileLock> acquire_existing(const std::string& path, LockMode mode);

  void release() { fd_.reset(); }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  explicit FileLock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

// Without a gate, for a lock that nobody waits for: the descriptor's own flock, taken without waiting.
// false: somebody else holds it.
[[nodiscard]] bool try_lock_fd(int fd, LockMode mode);
// The same for a lock that others hold for a moment, or for a while: tries for `patience`.
[[nodiscard]] bool try_lock_fd_soon(int fd, LockMode mode, std::chrono::seconds patience);

}  // namespace cas
