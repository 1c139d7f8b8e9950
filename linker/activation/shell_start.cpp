#include "linker/activation/shell_start.hpp"

#include <fmt/format.h>

#include "linker/activation/quoting.hpp"

namespace cas {
namespace {

// Sets or unsets a variable in a POSIX shell.
std::string restored(std::string_view name, const std::optional<std::string>& value) {
  return value ? fmt::format("{}={}\n", name, posix_quoted(*value)) : fmt::format("unset {}\n", name);
}

// The start-up file instead of ~/.bashrc; the system's own is read in any case.
ShellStart start_bash(const ShellStartValues& values) {
  return {{"--rcfile", values.startup, "-i"},
          {},
          {{"", fmt::format("[ ! -f ~/.bashrc ] || . ~/.bashrc\n. {}\n", posix_quoted(values.script))}}};
}

// zsh looks for its files in ZDOTDIR. The user's .zshenv may set that, and is asked before .zshrc is read.
ShellStart start_zsh(const ShellStartValues& values) {
  const std::string directory = posix_quoted(values.startup);
  const std::string environment = restored("ZDOTDIR", values.zdotdir) +
                                  "[[ ! -f ${ZDOTDIR:-$HOME}/.zshenv ]] || . ${ZDOTDIR:-$HOME}/.zshenv\n"
                                  "(( ! ${+ZDOTDIR} )) || _cas_zdotdir=$ZDOTDIR\n" +
                                  fmt::format("ZDOTDIR={}\n", directory);
  const std::string interactive =
      fmt::format("command rm -f -- {0}/.zshenv {0}/.zshrc\ncommand rmdir -- {0}\nunset ZDOTDIR\n", directory) +
      "if (( ${+_cas_zdotdir} )); then " + (values.zdotdir ? "export " : "") +
      "ZDOTDIR=$_cas_zdotdir; unset _cas_zdotdir; fi\n"
      "[[ ! -f ${ZDOTDIR:-$HOME}/.zshrc ]] || . ${ZDOTDIR:-$HOME}/.zshrc\n" +
      fmt::format(". {}\n", posix_quoted(values.script));
  return {{"-i"}, {"ZDOTDIR=" + values.startup}, {{".zshenv", environment}, {".zshrc", interactive}}};
}

// The C shells know no place for their files but the home directory.
ShellStart start_csh(const ShellStartValues& values) {
  const std::string directory = csh_quoted(values.startup);
  const std::string home = csh_quoted(values.home);
  const std::string text =
      fmt::format("setenv HOME {0}\nset home = {0}\n/bin/rm -f {1}/.tcshrc {1}/.cshrc\n/bin/rmdir {1}\n", home,
                  directory) +
      "if ( $?tcsh && -r ~/.tcshrc ) then\n    source ~/.tcshrc\nelse if ( -r ~/.cshrc ) then\n    source "
      "~/.cshrc\nendif\n" +
      fmt::format("source {}\n", csh_quoted(values.script));
  return {{"-i"}, {"HOME=" + values.startup}, {{".tcshrc", text}, {".cshrc", text}}};
}

// ENV names the file that an interactive shell reads; the Korn shells have one of their own where it is not set.
ShellStart start_posix(const ShellStartValues& values) {
  std::string text = restored("ENV", values.env);
  if (values.env) {
    text += "if [ -f \"$ENV\" ]; then . \"$ENV\"; fi\n";
  } else if (values.program == "mksh" || values.program == "lksh") {
    text += "if [ -f ~/.mkshrc ]; then . ~/.mkshrc; fi\n";
  } else if (values.program.starts_with("ksh")) {
    text += "if [ -f ~/.kshrc ]; then . ~/.kshrc; fi\n";
  }
  text += fmt::format(". {}\n", posix_quoted(values.script));
  return {{"-i"}, {"ENV=" + values.startup}, {{"", text}}};
}

// Ours after the user's: those that XONSHRC names, else those where xonsh looks.
ShellStart start_xonsh(const ShellStartValues& values) {
  const std::string files = values.xonshrc.value_or(
      fmt::format("/etc/xonsh/xonshrc:/etc/xonshrc:{0}/.config/xonsh/rc.xsh:{0}/.xonshrc", values.home));
  const std::string variable = values.xonshrc ? fmt::format("$XONSHRC = {}\n", python_quoted(*values.xonshrc))
                                              : "__xonsh__.env.pop('XONSHRC', None)\n";
  return {{"-i"},
          {fmt::format("XONSHRC={}:{}", files, values.startup)},
          {{"", variable + fmt::format("source @({})\n", python_quoted(values.script))}}};
}

}  // namespace

std::optional<ShellKind> shell_kind(std::string_view program) {
  if (program == "bash") return ShellKind::bash;
  if (program == "zsh") return ShellKind::zsh;
  if (program == "fish") return ShellKind::fish;
  if (program == "csh" || program == "tcsh") return ShellKind::csh;
  if (program == "nu") return ShellKind::nushell;
  if (program == "xonsh") return ShellKind::xonsh;
  if (program == "pwsh") return ShellKind::powershell;
  for (const std::string_view name : {"sh", "dash", "ash", "ksh", "ksh93", "mksh", "lksh"}) {
    if (program == name) return ShellKind::posix;
  }
  return std::nullopt;
}

StartupPlace startup_place(ShellKind kind) {
  switch (kind) {
    case ShellKind::bash:
    case ShellKind::posix:
    case ShellKind::xonsh:
      return StartupPlace::file;
    case ShellKind::zsh:
    case ShellKind::csh:
      return StartupPlace::directory;
    case ShellKind::fish:
    case ShellKind::nushell:
    case ShellKind::powershell:
      return StartupPlace::none;
  }
  return StartupPlace::none;
}

std::string_view activation_script_for(ShellKind kind) {
  switch (kind) {
    case ShellKind::bash:
    case ShellKind::zsh:
    case ShellKind::posix:
      return "activate";
    case ShellKind::fish:
      return "activate.fish";
    case ShellKind::csh:
      return "activate.csh";
    case ShellKind::nushell:
      return "activate.nu";
    case ShellKind::xonsh:
      return "activate.xsh";
    case ShellKind::powershell:
      return "Activate.ps1";
  }
  return "activate";
}

ShellStart shell_start(ShellKind kind, const ShellStartValues& values) {
  switch (kind) {
    case ShellKind::bash:
      return start_bash(values);
    case ShellKind::zsh:
      return start_zsh(values);
    case ShellKind::csh:
      return start_csh(values);
    case ShellKind::posix:
      return start_posix(values);
    case ShellKind::xonsh:
      return start_xonsh(values);
    case ShellKind::fish:
      return {{"-i", "--init-command", "source " + fish_quoted(values.script)}, {}, {}};
    case ShellKind::nushell:
      return {{"--execute", "overlay use " + nushell_quoted(values.script)}, {}, {}};
    case ShellKind::powershell:
      return {{"-NoExit", "-Command", ". " + powershell_quoted(values.script)}, {}, {}};
  }
  return {};
}

}  // namespace cas
