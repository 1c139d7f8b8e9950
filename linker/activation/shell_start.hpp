// How an interactive shell is started so that an environment is active in it after the user's own start-up files were read:
// those often set PATH anew. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cas {

enum class ShellKind { bash, zsh, fish, csh, posix, nushell, xonsh, powershell };

// By the name of the program, without folders; nullopt: not known.
[[nodiscard]] std::optional<ShellKind> shell_kind(std::string_view program);

// What the shell reads at the start, beside or instead of the user's files.
enum class StartupPlace {
  none,
  file,       // one file
  directory,  // a directory, which the shell empties and removes when it has started
};
[[nodiscard]] StartupPlace startup_place(ShellKind kind);

// The environment's script for it: "activate.fish".
[[nodiscard]] std::string_view activation_script_for(ShellKind kind);

struct ShellStartValues {
  std::string program;  // "bash": its name without folders
  std::string script;   // absolute path of the activation script
  std::string startup;  // path of the start-up file or directory; "" where there is none
  std::string home;     // HOME
  // As they are set now; nullopt: not at all.
  std::optional<std::string> zdotdir, env, xonshrc;
};

struct ShellStart {
  std::vector<std::string> arguments;                      // behind the program's name
  std::vector<std::string> settings;                       // "NAME=value"
  std::vector<std::pair<std::string, std::string>> files;  // of the directory, or one without a name
};

[[nodiscard]] ShellStart shell_start(ShellKind kind, const ShellStartValues& values);

}  // namespace cas
