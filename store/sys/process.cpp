#include "store/sys/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "store/base/error.hpp"
#include "store/base/progress.hpp"
#include "store/sys/fd.hpp"

namespace cas {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostOutput = 1 << 20;
constexpr std::size_t kMostErrors = 64 << 10;

struct Pipe {
  Fd read;
  Fd write;
};

// Above 2, so that setting up one standard descriptor of the child never closes another's source.
Fd above_standard(int fd) {
  Fd low(fd);
  if (fd > STDERR_FILENO) return low;
  Fd high(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!high) throw_errno("duplicating", "a pipe");
  return high;
}

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("creating", "a pipe");
  Fd write(ends[1]);
  Pipe pipe;
  pipe.read = above_standard(ends[0]);
  pipe.write = above_standard(write.release());
  return pipe;
}

// This process's environment with the settings applied.
std::vector<std::string> environment_with(const std::vector<std::string>& settings) {
  const auto name_of_setting = [](std::string_view setting) { return setting.substr(0, setting.find('=')); };
  std::vector<std::string> result;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view name = name_of_setting(*entry);
    const bool set_anew =
        std::ranges::any_of(settings, [&](const std::string& setting) { return name_of_setting(setting) == name; });
    if (!set_anew) result.emplace_back(*entry);
  }
  for (const std::string& setting : settings) {
    if (setting.find('=') != std::string::npos) result.push_back(setting);
  }
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

// A child that has not been waited for. Destroying it kills its process group and waits.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {
#ifdef SYS_pidfd_open
    exited_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
#endif
  }
  ~Child() {
    if (pid_ <= 0) return;
    kill_group();
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Readable once the child has ended; -1 on kernels without such descriptors.
  [[nodiscard]] int exit_fd() const { return exited_.get(); }
  // Safe while the child is not waited for: nobody else can have its number.
  void kill_group() const { ::kill(-pid_, SIGKILL); }
  // Whether it has ended; then `exit_status` is set.
  bool has_ended(int& exit_status) {
    int status = 0;
    const pid_t waited = ::waitpid(pid_, &status, WNOHANG);
    // ECHILD: whoever started us ignores SIGCHLD, and the status is lost. Then the output must do.
    if (waited == 0 || (waited < 0 && errno != ECHILD)) return false;
    pid_ = -1;
    exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
  }

 private:
  pid_t pid_;
  Fd exited_;
};

pid_t spawn(const std::vector<std::string>& command, const std::vector<std::string>& environment, int out, int err) {
  std::vector<std::string> arguments = command;
  std::vector<std::string> settings = environment_with(environment);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  sigset_t none;
  sigset_t defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGQUIT}) sigaddset(&defaults, signal);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, command.front().c_str(), &actions, &attributes, pointers(arguments).data(),
                                  pointers(settings).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw SystemError(error, "running", command.front());
  return pid;
}

// Takes what the pipe holds now; what is beyond `most` is read and dropped, so that the writer never blocks.
// Closes the pipe at its end. Bounded: a writer that never stops must not keep us from looking at the clock.
void drain(Fd& pipe, std::string& into, std::size_t most) {
  std::array<char, 16384> buffer;
  for (int reads = 0; pipe && reads < 16; ++reads) {
    const ssize_t count = ::read(pipe.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) throw_errno("reading", "a pipe");
    if (count == 0) {
      pipe.reset();
      return;
    }
    into.append(buffer.data(), std::min(static_cast<std::size_t>(count), most - into.size()));
  }
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                          std::chrono::milliseconds limit) {
  const Clock::time_point deadline = Clock::now() + limit;
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  for (const int fd : {out.read.get(), err.read.get()}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
  Child child(spawn(command, environment, out.write.get(), err.write.get()));
  out.write.reset();
  err.write.reset();

  ProcessResult result;
  // The end of the child ends the wait, not the end of the pipes: a process that it left behind may hold them.
  while (!child.has_ended(result.exit_status)) {
    check_interrupt();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0 && !result.timed_out) {
      result.timed_out = true;
      child.kill_group();
    }
    std::array<pollfd, 3> wait{
        {{out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}, {child.exit_fd(), POLLIN, 0}}};
    // Without a descriptor for the child's end: look again soon.
    const std::chrono::milliseconds::rep slice = child.exit_fd() >= 0 && !result.timed_out ? 1000 : 5;
    ::poll(wait.data(), wait.size(),
           static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left.count(), 1, slice)));
    drain(out.read, result.output, kMostOutput);
    drain(err.read, result.errors, kMostErrors);
  }
  drain(out.read, result.output, kMostOutput);
  drain(err.read, result.errors, kMostErrors);
  return result;
}

}  // namespace cas
