// Starting a child process. For store/sys/*.cpp only: programs are run by process.hpp and worker_process.hpp.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "store/sys/descendants.hpp"
#include "store/sys/fd.hpp"

namespace cas {

struct Pipe {
  Fd read;
  Fd write;
};

// Owns `fd`, or a duplicate of it above 2: so setting up one standard descriptor of a child never closes another's source.
[[nodiscard]] Fd above_standard(int fd);
// Both ends closed on exec, and above 2.
[[nodiscard]] Pipe make_pipe();

// What becomes the child's standard descriptors; -1: /dev/null.
struct ChildDescriptors {
  int in = -1, out = -1, err = -1;
};

// This process's environment with settings applied: "NAME=value" is set, a bare "NAME" removed.
[[nodiscard]] std::vector<std::string> environment_with(const std::vector<std::string>& settings);
// For exec: the strings, which must outlive it, and a null pointer.
[[nodiscard]] std::vector<char*> pointers(std::vector<std::string>& strings);

// Starts `command[0]` (a path; not looked up) in a process group of its own, with default signal actions.
// `environment`: "NAME=value" settings added to this process's own; a bare "NAME" removes it. Throws SystemError.
//
// The program is killed by the kernel when the *thread* that called this ends, so also when the whole process is killed: it
// must not outlive whoever waits for it. (What it has started itself is not; programs that read or write a pipe of its notice.)
// Descendants::all end with it in either case.
[[nodiscard]] pid_t spawn(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                          const ChildDescriptors& descriptors, Descendants descendants = Descendants::of_its_group);

// A child that has not been waited for, started with the same `descendants`. Destroying it kills it with these and waits.
class Child {
 public:
  explicit Child(pid_t pid, Descendants descendants = Descendants::of_its_group);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  // Readable once the child has ended; -1 on kernels without such descriptors.
  [[nodiscard]] int exit_fd() const { return exited_.get(); }
  // With its descendants. Safe while the child is not waited for: nobody else can have its number.
  void kill() const;
  // Whether it has ended; then `exit_status` is set, and those of its descendants that are left are killed.
  bool has_ended(int& exit_status);

 private:
  pid_t pid_;
  Descendants descendants_;
  Fd exited_;
};

}  // namespace cas
