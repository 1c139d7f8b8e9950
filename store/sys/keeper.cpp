#include "store/sys/keeper.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstring>

namespace cas {
namespace {

// As getdents64(2) fills it; the C library's opendir() takes memory.
struct DirectoryEntry {
  ino64_t inode;
  off64_t offset;
  unsigned short length;  // NOLINT(google-runtime-int): the kernel's
  unsigned char type;
  char name[1];
};

// 0: no number.
pid_t number_of(const char* text) {
  pid_t number = 0;
  for (; *text != '\0'; ++text) {
    if (*text < '0' || *text > '9' || number > INT_MAX / 10 - 1) return 0;
    number = number * 10 + (*text - '0');
  }
  return number;
}

// From /proc/<pid>/stat, whose second field is a name in parentheses that may hold anything. 0: it has gone.
pid_t parent_of_process(int proc, const char* pid) {
  std::array<char, 64> path{};
  const std::size_t length = ::strnlen(pid, 20);
  std::copy_n(pid, length, path.begin());
  std::copy_n("/stat", 5, path.begin() + static_cast<std::ptrdiff_t>(length));
  const int file = ::openat(proc, path.data(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  std::array<char, 512> text{};
  const ssize_t got = ::read(file, text.data(), text.size() - 1);
  ::close(file);
  if (got <= 0) return 0;
  char* const name_end = std::strrchr(text.data(), ')');
  if (name_end == nullptr || std::strlen(name_end) < 4) return 0;
  char* const begin = name_end + 4;  // ") S "
  char* const end = std::strchr(begin, ' ');
  if (end == nullptr) return 0;
  *end = '\0';
  return number_of(begin);
}

// Their own children become ours by that. false: they cannot be found.
bool kill_children() {
  const int proc = ::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (proc < 0) return false;
  const pid_t own = ::getpid();
  alignas(DirectoryEntry) std::array<char, 8192> buffer{};
  long got = 0;
  while ((got = ::syscall(SYS_getdents64, proc, buffer.data(), buffer.size())) > 0) {
    for (long at = 0; at < got;) {
      const auto* const entry = reinterpret_cast<const DirectoryEntry*>(buffer.data() + at);
      at += entry->length;
      const pid_t pid = number_of(entry->name);
      if (pid > 0 && parent_of_process(proc, entry->name) == own) ::kill(pid, SIGKILL);
    }
  }
  ::close(proc);
  return got == 0;
}

// Several times, for there may be new ones as long as there is one. Not for ever: one that runs as somebody else (sudo) cannot be killed.
void kill_all(const sigset_t& child_ended) {
  constexpr int kMostAttempts = 500;
  constexpr timespec kPause{0, 20'000'000};
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    pid_t pid = 0;
    while ((pid = ::waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    if (pid < 0 || !kill_children()) return;  // there is none, or they cannot be found
    ::sigtimedwait(&child_ended, nullptr, &kPause);
  }
}

// Its status, as a shell gives it; -1: it runs.
int status_of_ended(pid_t program) {
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid == program) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return -1;
}

}  // namespace

bool become_keeper(pid_t parent) {
  if (::setpgid(0, 0) != 0 || ::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || ::prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) {
    return false;
  }
  // Where it is ignored, nobody's status is kept.
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &action, nullptr);
  // As for the program itself.
  const pid_t now = ::getppid();
  if (now != parent && now != 0) ::_exit(127);  // lint: allow: it is the child
  return true;
}

void keep(pid_t pid) {
  // Whoever waits for the end of a pipe, or for a lock, shall not wait for this process.
#ifdef SYS_close_range
  if (::syscall(SYS_close_range, 0U, ~0U, 0U) != 0)
#endif
  {
    for (long fd = std::min(::sysconf(_SC_OPEN_MAX), 65536L); fd >= 0; --fd) ::close(static_cast<int>(fd));
  }
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGCHLD);
  sigaddset(&wanted, SIGTERM);
  constexpr int kKilled = 128 + SIGKILL;
  int status = status_of_ended(pid);
  while (status < 0) {
    const int signal = ::sigwaitinfo(&wanted, nullptr);
    if (signal == SIGTERM) {
      ::kill(pid, SIGKILL);
      status = kKilled;
    } else {
      status = status_of_ended(pid);
    }
  }
  sigdelset(&wanted, SIGTERM);
  kill_all(wanted);
  ::_exit(status);  // lint: allow: it is the child
}

}  // namespace cas
