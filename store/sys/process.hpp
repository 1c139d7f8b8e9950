// Running another program and reading what it prints.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "store/sys/descendants.hpp"
#include "store/sys/fd.hpp"

namespace cas {

struct ProcessResult {
  int exit_status = 0;     // as a shell gives it: 128 + n after signal n
  bool timed_out = false;  // was killed because it took longer than the limit
  std::string output;      // standard output, at most 1 MiB
  std::string errors;      // standard error, at most 64 KiB
};

// Starts `command[0]` (a path; not looked up) with standard input from /dev/null, in a process group of its own, and
// waits at most `limit`. `environment`: "NAME=value" settings added to this process's own; a bare "NAME" removes it.
// Throws SystemError when it cannot be started. Kills only what it started: when the program has ended, or is ended, also what it left behind in its
// process group. (What has made a session of its own, as a daemon does, has left that: see `descendants`.)
// `look`: called now and then while the program runs, several times a second; what it throws ends the program.
[[nodiscard]] ProcessResult run_process(const std::vector<std::string>& command,
                                        const std::vector<std::string>& environment, std::chrono::milliseconds limit,
                                        const std::function<void()>& look = {},
                                        Descendants descendants = Descendants::of_its_group);

// Whether a file that may be executed is at the end of `path`, symbolic links followed, as exec does.
[[nodiscard]] bool is_program(const std::string& path);
// The executable file `name` in PATH, as an absolute path; "": there is none.
[[nodiscard]] std::string find_program(std::string_view name);

// Puts the program `file` (a path if it holds a '/', else looked up in the PATH of the new environment) in place of this
// process, with `command` as its arguments, command[0] included; `environment` as above. Returns only where that failed: errno.
[[nodiscard]] int replace_process(const std::string& file, std::vector<std::string> command,
                                  const std::vector<std::string>& environment);

// Holds `text`, has no name and goes with its last descriptor, which programs that are started inherit: for them it is
// "/proc/self/fd/<number>".
[[nodiscard]] Fd inherited_file(std::string_view text);
// Another descriptor of the same open file, which programs that are started inherit: 10 or more, out of their way.
[[nodiscard]] Fd inherited_copy(int fd);
// A new directory in TMPDIR, else /tmp, for this user alone; its path.
[[nodiscard]] std::string make_temporary_directory();

}  // namespace cas
