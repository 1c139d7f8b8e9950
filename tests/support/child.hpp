// Code that runs in another process: to hold locks, to be killed, to live under other limits or in other namespaces.
#pragma once

#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace cas::test {

// What a child uses instead of BOOST_TEST: fails the child, with `what` on standard error.
inline void expect(bool condition, const std::string& what) {
  if (!condition) throw std::runtime_error("not so: " + what);
}

// A forked process that runs `f`. It shares the parent's open files, and with them the parent's locks. An exception that leaves it is printed, and makes the exit status 1. Killed by
// SIGALRM after four minutes, by SIGKILL in the destructor.
class Child {
 public:
  template <class F>
  explicit Child(F&& f) : pid_(::fork()) {
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ > 0) return;
    // The test framework's handlers would jump back into its copy of the test run.
    for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM}) ::signal(signal, SIG_DFL);
    ::alarm(240);
    int status = 1;
    try {
      std::forward<F>(f)();
      status = 0;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "child: %s\n", error.what());
    } catch (...) {
      std::fprintf(stderr, "child: unknown exception\n");
    }
    ::_exit(status);
  }
  ~Child() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Child& operator=(Child&&) = delete;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void send(int signal) { ::kill(pid_, signal); }
  // As a shell gives it: 128 + n after signal n.
  int wait() {
    int status = 0;
    const pid_t pid = std::exchange(pid_, -1);
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_;
};

template <class F>
int run_in_child(F&& f) {
  return Child(std::forward<F>(f)).wait();
}

// A T that forked children share with the parent. T must be usable between processes, such as lock-free atomics.
template <class T>
class Shared {
 public:
  Shared() {
    void* const memory = ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    value_ = new (memory) T();
  }
  ~Shared() { ::munmap(value_, sizeof(T)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  T* operator->() const { return value_; }
  T& operator*() const { return *value_; }

 private:
  static_assert(std::is_trivially_destructible_v<T>);
  T* value_;
};

// In a child: becomes a user who owns nothing. Needs no more than what root or an ordinary user may do.
inline void become_stranger() {
  if (::geteuid() != 0) return;
  expect(::setresgid(65534, 65534, 65534) == 0 && ::setresuid(65534, 65534, 65534) == 0, "can become nobody");
}

// In a child: mounts a tmpfs of `options` on `directory`, seen by this process alone.
inline void mount_private_tmpfs(const std::string& directory, const std::string& options) {
  expect(::unshare(CLONE_NEWNS) == 0, "unshare(CLONE_NEWNS)");
  expect(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "make mounts private");
  expect(::mount("tmpfs", directory.c_str(), "tmpfs", 0, options.c_str()) == 0, "mount tmpfs");
}

inline void remount_read_only(const std::string& directory) {
  expect(::mount(nullptr, directory.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0, "remount read-only");
}

// Preconditions: `* boost::unit_test::precondition(cas::test::can_mount)`.
inline boost::test_tools::assertion_result can_mount(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(run_in_child([] {
                                               if (::unshare(CLONE_NEWNS) != 0) ::_exit(1);
                                               if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
                                                 ::_exit(1);
                                               }
                                             }) == 0);
  result.message() << "needs the right to mount";
  return result;
}

inline boost::test_tools::assertion_result can_make_pid_namespaces(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(run_in_child([] {
                                               if (::unshare(CLONE_NEWPID) != 0) ::_exit(1);
                                             }) == 0);
  result.message() << "needs the right to make pid namespaces";
  return result;
}

// Sanitizers reserve terabytes of address space.
inline boost::test_tools::assertion_result address_space_can_be_limited(boost::unit_test::test_unit_id) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
  constexpr bool kSanitized = true;
#else
  constexpr bool kSanitized = false;
#endif
#else
  constexpr bool kSanitized = false;
#endif
  boost::test_tools::assertion_result result(!kSanitized);
  result.message() << "a sanitizer needs all the address space";
  return result;
}

}  // namespace cas::test
