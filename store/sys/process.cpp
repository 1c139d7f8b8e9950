#include "store/sys/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "store/base/error.hpp"
#include "store/base/progress.hpp"
#include "store/sys/fd.hpp"
#include "store/sys/file.hpp"
#include "store/sys/spawn.hpp"

namespace cas {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostOutput = 1 << 20;
constexpr std::size_t kMostErrors = 64 << 10;

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

bool is_program(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 0111) != 0;
}

std::string find_program(std::string_view name) {
  const char* const text = std::getenv("PATH");
  std::string_view path = text == nullptr ? "" : text;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find(':'), path.size());
    std::string candidate(path.substr(0, end));
    candidate.append("/").append(name);
    if (candidate.starts_with('/') && is_program(candidate)) return candidate;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return {};
}

int replace_process(const std::string& file, std::vector<std::string> command,
                    const std::vector<std::string>& environment) {
  std::vector<std::string> all = environment_with(environment);
  std::vector<char*> variables = pointers(all);
  const std::vector<char*> arguments = pointers(command);
  // execvpe() would look in the PATH that this process has. Nothing runs beside it any more that could read the variables.
  char** const before = environ;
  environ = variables.data();
  ::execvp(file.c_str(), arguments.data());
  const int error_number = errno;
  environ = before;
  return error_number;
}

Fd inherited_file(std::string_view text) {
  Fd fd(::memfd_create("cas", 0));
  if (!fd) throw_errno("creating", "a file in memory");
  write_all(fd.get(), text, "a file in memory");
  return fd;
}

Fd inherited_copy(int fd) {
  constexpr int kLeast = 10;
  Fd copy(::fcntl(fd, F_DUPFD, kLeast));
  if (!copy) throw_errno("copying", "a descriptor");
  return copy;
}

std::string make_temporary_directory() {
  const char* parent = std::getenv("TMPDIR");
  std::string path = std::string(parent == nullptr || *parent != '/' ? "/tmp" : parent) + "/cas-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) throw_errno("creating", path);
  return path;
}

ProcessResult run_process(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                          std::chrono::milliseconds limit, const std::function<void()>& look, Descendants descendants) {
  const Clock::time_point deadline = Clock::now() + limit;
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  for (const int fd : {out.read.get(), err.read.get()}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
  Child child(spawn(command, environment, {-1, out.write.get(), err.write.get()}, descendants), descendants);
  out.write.reset();
  err.write.reset();

  ProcessResult result;
  // The end of the child ends the wait, not the end of the pipes: a process that it left behind may hold them.
  while (!child.has_ended(result.exit_status)) {
    check_interrupt();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0 && !result.timed_out) {
      result.timed_out = true;
      child.kill();
    }
    std::array<pollfd, 3> wait{
        {{out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}, {child.exit_fd(), POLLIN, 0}}};
    // Without a descriptor for the child's end: look again soon.
    const std::chrono::milliseconds::rep patient = look ? 200 : 1000;
    const std::chrono::milliseconds::rep slice = child.exit_fd() >= 0 && !result.timed_out ? patient : 5;
    ::poll(wait.data(), wait.size(),
           static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left.count(), 1, slice)));
    drain(out.read, result.output, kMostOutput);
    drain(err.read, result.errors, kMostErrors);
    if (look) look();
  }
  drain(out.read, result.output, kMostOutput);
  drain(err.read, result.errors, kMostErrors);
  return result;
}

}  // namespace cas
