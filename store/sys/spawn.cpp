#include "store/sys/spawn.hpp"

#include <fcntl.h>
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

namespace cas {

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

Child::Child(pid_t pid) : pid_(pid) {
#ifdef SYS_pidfd_open
  exited_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
#endif
}

Child::~Child() {
  if (pid_ <= 0) return;
  kill_group();
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

void Child::kill_group() const { ::kill(-pid_, SIGKILL); }

bool Child::has_ended(int& exit_status) {
  int status = 0;
  const pid_t waited = ::waitpid(pid_, &status, WNOHANG);
  // ECHILD: whoever started us ignores SIGCHLD, and the status is lost. Then the output must do.
  if (waited == 0 || (waited < 0 && errno != ECHILD)) return false;
  pid_ = -1;
  exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

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

namespace {

void set_descriptor(posix_spawn_file_actions_t& actions, int number, int source) {
  if (source < 0) {
    ::posix_spawn_file_actions_addopen(&actions, number, "/dev/null", number == STDIN_FILENO ? O_RDONLY : O_WRONLY, 0);
  } else {
    ::posix_spawn_file_actions_adddup2(&actions, source, number);
  }
}

}  // namespace

pid_t spawn(const std::vector<std::string>& command, const std::vector<std::string>& environment,
            const ChildDescriptors& descriptors) {
  std::vector<std::string> arguments = command;
  std::vector<std::string> settings = environment_with(environment);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  set_descriptor(actions, STDIN_FILENO, descriptors.in);
  set_descriptor(actions, STDOUT_FILENO, descriptors.out);
  set_descriptor(actions, STDERR_FILENO, descriptors.err);
  sigset_t none;
  sigset_t defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGQUIT, SIGALRM}) sigaddset(&defaults, signal);
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

}  // namespace cas
