#include "store/sys/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "store/base/error.hpp"
#include "store/sys/keeper.hpp"

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

Child::Child(pid_t pid, Descendants descendants) : pid_(pid), descendants_(descendants) {
#ifdef SYS_pidfd_open
  exited_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
#endif
}

Child::~Child() {
  if (pid_ <= 0) return;
  kill();
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

void Child::kill() const {
  if (descendants_ == Descendants::all) {
    ::kill(pid_, SIGTERM);  // the keeper's, which kills the rest and waits for it
  } else {
    ::kill(-pid_, SIGKILL);
  }
}

bool Child::has_ended(int& exit_status) {
  // Looked at before it is waited for: until then its number, which is its group's, belongs to nobody else.
  siginfo_t ended{};
  if (::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0) {
    if (ended.si_pid == 0) return false;
    if (descendants_ == Descendants::of_its_group) kill();
  }
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

// All that the child needs, made before the fork: between fork and exec of a process with threads only calls are allowed that
// take no locks, and memory may be locked for ever.
struct Launch {
  const char* path;
  char* const* arguments;
  char* const* variables;
  ChildDescriptors descriptors;
  pid_t parent;
  int failure;  // closed by exec; else errno is written to it
  Descendants descendants;
};

bool set_descriptor(int number, int source) {
  if (source >= 0) return ::dup2(source, number) >= 0;
  const int null = ::open("/dev/null", number == STDIN_FILENO ? O_RDONLY : O_WRONLY);
  if (null < 0 || null == number) return null >= 0;
  const bool done = ::dup2(null, number) >= 0;
  ::close(null);
  return done;
}

bool become(const Launch& launch) {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGQUIT, SIGALRM}) ::sigaction(signal, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  if (::setpgid(0, 0) != 0 || ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return false;
  // Killed before it could be asked for: then nobody waits for this child any more. (0: in another pid namespace.)
  const pid_t parent = ::getppid();
  if (parent != launch.parent && parent != 0) ::_exit(127);  // lint: allow: it is the child
  if (!set_descriptor(STDIN_FILENO, launch.descriptors.in) || !set_descriptor(STDOUT_FILENO, launch.descriptors.out) ||
      !set_descriptor(STDERR_FILENO, launch.descriptors.err)) {
    return false;
  }
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  ::execve(launch.path, launch.arguments, launch.variables);
  return false;
}

[[noreturn]] void run_program(const Launch& launch) {
  if (!become(launch)) {
    const int error_number = errno;
    static_cast<void>(!::write(launch.failure, &error_number, sizeof error_number));
  }
  ::_exit(127);  // lint: allow: it is the child
}

[[noreturn]] void run_child(const Launch& launch) {
  if (launch.descendants == Descendants::of_its_group) run_program(launch);
  Launch below = launch;
  below.parent = ::getpid();
  const bool ready = become_keeper(launch.parent);
  const pid_t pid = ready ? ::fork() : -1;
  if (pid == 0) run_program(below);
  if (pid < 0) {
    const int error_number = errno;
    static_cast<void>(!::write(launch.failure, &error_number, sizeof error_number));
    ::_exit(127);  // lint: allow: it is the child
  }
  keep(pid);
}

// With all signals held, so that no handler of this process's runs in the child.
pid_t fork_child(const Launch& launch) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) run_child(launch);
  const int saved = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = saved;
  return pid;
}

}  // namespace

pid_t spawn(const std::vector<std::string>& command, const std::vector<std::string>& environment,
            const ChildDescriptors& descriptors, Descendants descendants) {
  std::vector<std::string> arguments = command;
  std::vector<std::string> settings = environment_with(environment);
  const std::vector<char*> argument_pointers = pointers(arguments);
  const std::vector<char*> variable_pointers = pointers(settings);
  Pipe failure = make_pipe();
  const pid_t pid = fork_child({command.front().c_str(), argument_pointers.data(), variable_pointers.data(),
                                descriptors, ::getpid(), failure.write.get(), descendants});
  if (pid < 0) throw_errno("running", command.front());
  failure.write.reset();
  int error_number = 0;
  ssize_t got = 0;
  while ((got = ::read(failure.read.get(), &error_number, sizeof error_number)) < 0 && errno == EINTR) {
  }
  if (got != sizeof error_number) return pid;
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  throw SystemError(error_number, "running", command.front());
}

}  // namespace cas
