// A program that runs for long and answers requests over its standard input and output.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

// One thread. Both directions are one socket, so that a write to a worker that has died is no signal.
class WorkerProcess {
 public:
  // Starts `command[0]` (a path; not looked up) in a process group of its own, its standard error at /dev/null. `environment`: as
  // for run_process(). It may take `memory_bytes` of address space, and leaves no core file. Throws SystemError.
  WorkerProcess(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                std::uint64_t memory_bytes);
  // Kills it, and what it has started in its group.
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // For wait_for_workers().
  [[nodiscard]] int descriptor() const;
  // Sends all of `bytes`, which have to be few: it never waits. false: the worker is gone, or takes nothing any more.
  bool send(std::string_view bytes);

  enum class Received { some, nothing, end };
  // Appends what there is now, at most `most` bytes. `end`: the worker is gone, or has closed its side.
  Received receive(std::string& into, std::size_t most);

 private:
  struct Running;
  std::unique_ptr<Running> running_;
};

// Waits until one of the descriptors can be received from, or has ended; which ones. At most `limit`; a signal ends the wait, too.
[[nodiscard]] std::vector<bool> wait_for_workers(std::span<const int> descriptors, std::chrono::milliseconds limit);

}  // namespace cas
