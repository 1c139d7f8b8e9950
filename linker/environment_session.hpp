// Programs in an environment, without activating it in a shell.
#pragma once

#include <string>
#include <vector>

namespace cas {

// An environment of anybody's: a directory with pyvenv.cfg and bin.
struct EnvironmentSession {
  std::string path;                   // absolute
  std::string prompt;                 // what pyvenv.cfg says, else the directory's name
  std::vector<std::string> settings;  // "NAME=value", a bare "NAME" for what has to go: as activation would set them
};

// Opens neither store nor index. Throws NotFound where nothing is at `path`, Error where it is no environment, or none that can
// stand in PATH.
[[nodiscard]] EnvironmentSession open_session(const std::string& path);

// Notes that the environment was used now, where it is cas's: its anchor's modification time says so, which is the store's, too.
// One system call; whether it succeeds changes nothing else.
void note_use(const std::string& environment);

struct StartFailure {
  int status = 0;
  std::string message, hint;
};

// Puts the command in place of this process; a name without '/' is looked for in the environment's bin first. Returns only
// where it could not be started: the status that shells give, 127 (not found) or 126 (found, but not to be run), with the reason.
[[nodiscard]] StartFailure start_in_session(const EnvironmentSession& session, const std::vector<std::string>& command);

// Puts an interactive shell in place of this process, `shell` being a path or a name in PATH, in which the environment is active
// after the user's start-up files were read. Throws Error where the shell is not known, or the environment has no script for it.
[[nodiscard]] StartFailure start_shell(const EnvironmentSession& session, const std::string& shell);

}  // namespace cas
