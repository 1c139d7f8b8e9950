#include "linker/environment_session.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <system_error>

#include "linker/activation/shell_start.hpp"
#include "linker/pyvenv_cfg.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/roots.hpp"
#include "store/sys/file.hpp"
#include "store/sys/process.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostConfiguration = 64 * 1024;

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::string search_path(const std::string& bin) {
  // Without PATH programs are looked for where the system has them.
  const std::string path = variable("PATH").value_or("");
  return fmt::format("{}:{}", bin, path.empty() ? "/usr/local/bin:/usr/bin:/bin" : path);
}

std::string system_text(int error_number) { return std::generic_category().message(error_number); }

// Of an environment whose program names something that is gone.
std::string how_to_mend(const EnvironmentSession& session) {
  try {
    const auto anchor = read_environment_anchor(session.path);
    if (anchor && anchor->target != session.path) {
      return fmt::format("the environment was made at {}: `cas move {}` makes its scripts follow",
                         printable(anchor->target), printable(session.path));
    }
  } catch (const Error&) {  // no anchor that can be read: nothing is known of its place
  }
  return fmt::format("`cas doctor {}` says what is wrong, and --fix makes it anew", printable(session.path));
}

}  // namespace

EnvironmentSession open_session(const std::string& path) {
  EnvironmentSession session;
  session.path = absolute_path(path);
  const auto info = stat_path(session.path + "/.");
  if (!info) throw NotFound(printable(session.path) + ": there is no such directory", "`cas list` lists environments");
  const auto configuration = stat_path(session.path + "/pyvenv.cfg");
  if (!configuration || !stat_path(session.path + "/bin/.")) {
    throw Error(printable(session.path) + " is no environment: it has no " + (configuration ? "bin" : "pyvenv.cfg"),
                "name the environment's own directory; `cas list` lists them");
  }
  if (session.path.find(':') != std::string::npos) {
    throw Error(printable(session.path) + ": a directory with a colon in its name cannot stand in PATH",
                "rename it, or call its programs by their paths");
  }
  session.prompt = name_of(session.path);
  // Only decoration: one that cannot be read is left out.
  try {
    const auto text = try_read_file_at(kCurrentDirectory, session.path + "/pyvenv.cfg", kMostConfiguration);
    if (auto prompt = pyvenv_cfg_value(text.value_or(""), "prompt"); prompt && !prompt->empty())
      session.prompt = std::move(*prompt);
  } catch (const Error&) {
  }
  session.settings = {"VIRTUAL_ENV=" + session.path, "VIRTUAL_ENV_PROMPT=" + session.prompt,
                      "PATH=" + search_path(session.path + "/bin"), "PYTHONHOME"};
  return session;
}

void note_use(const std::string& environment) { touch_path_now(environment + "/" + kAnchorPath); }

StartFailure start_shell(const EnvironmentSession& session, const std::string& shell) {
  const std::string program(name_of(shell));
  const auto kind = shell_kind(program);
  if (!kind) {
    throw Error(printable(shell) + ": cas does not know how to activate an environment in this shell",
                "name another with --shell, or use `cas run`");
  }
  ShellStartValues values;
  values.program = program;
  values.script = session.path + "/bin/" + std::string(activation_script_for(*kind));
  if (!stat_path(values.script)) {
    throw Error(fmt::format("{} has no activation script for {}", printable(session.path), printable(program)),
                "create the environment again, or name another shell with --shell");
  }
  values.home = variable("HOME").value_or("/");
  values.zdotdir = variable("ZDOTDIR");
  values.env = variable("ENV");
  values.xonshrc = variable("XONSHRC");

  // Its number must be known before its text is.
  Fd file;
  if (startup_place(*kind) == StartupPlace::file) {
    file = inherited_file({});
    values.startup = fmt::format("/proc/self/fd/{}", file.get());
  } else if (startup_place(*kind) == StartupPlace::directory) {
    values.startup = make_temporary_directory();
  }
  ShellStart start = shell_start(*kind, values);
  if (file) {
    // Shells hold what they read under another number, so that this one can be given up first.
    const bool closable = *kind != ShellKind::xonsh && file.get() <= 9;
    const std::string close = closable ? fmt::format("exec {}<&-\n", file.get()) : std::string();
    write_all(file.get(), close + start.files.front().second, values.startup);
  } else {
    for (const auto& [name, text] : start.files) {
      write_new_file_at(kCurrentDirectory, values.startup + "/" + name, text, 0600);
    }
  }
  std::vector<std::string> command{program};
  command.insert(command.end(), start.arguments.begin(), start.arguments.end());
  const int error_number = replace_process(shell, command, start.settings);
  if (startup_place(*kind) == StartupPlace::directory) {
    for (const auto& [name, text] : start.files) {
      remove_file_quietly_at(kCurrentDirectory, values.startup + "/" + name);
    }
    remove_directory_at(kCurrentDirectory, values.startup);
  }
  if (error_number == ENOENT) return {127, printable(shell) + ": there is no such shell", "name another with --shell"};
  return {126, fmt::format("starting {}: {}", printable(shell), system_text(error_number)), ""};
}

StartFailure start_in_session(const EnvironmentSession& session, const std::vector<std::string>& command) {
  const std::string& name = command.front();
  const bool is_path = name.find('/') != std::string::npos;
  // By its path, where the environment has an entry of that name: should that be a link to an interpreter that has gone, the
  // search would silently go on to the system's.
  const std::string own = session.path + "/bin/" + name;
  const bool is_own = !is_path && !name.empty() && stat_path(own).has_value();
  const std::string& file = is_own ? own : name;
  const int error_number = name.empty() ? ENOENT : replace_process(file, command, session.settings);

  const std::string shown = printable(file);
  const bool there = (is_path || is_own) && stat_path(file).has_value();
  if (error_number == ENOENT && !there) {
    const bool script = !is_path && name.ends_with(".py") && stat_path(name);
    return {127, shown + ": command not found",
            is_path  ? ""
            : script ? "it is a script: put `python` in front of it"
                     : "neither the environment's bin nor any other directory in PATH has it"};
  }
  if (error_number == ENOENT) {
    return {127, shown + ": the program that it links to, or that its first line names, is gone", how_to_mend(session)};
  }
  if (error_number == EACCES) return {126, shown + ": is not executable", ""};
  return {126, fmt::format("starting {}: {}", shown, system_text(error_number)), ""};
}

}  // namespace cas
