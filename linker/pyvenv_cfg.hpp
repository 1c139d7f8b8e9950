// The text of pyvenv.cfg (PEP 405).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

struct PyvenvConfig {
  std::string base_executable;  // its folder becomes `home`. "": the environment is its own base, and names no home
  std::string real_executable;  // without symbolic links
  std::string version;
  std::string implementation;
  std::string environment;  // path, for the informing key `command`
  std::optional<std::string> prompt;
  bool system_site_packages = false;
};

// The keys that Python, venv, virtualenv and uv read or write: home, include-system-site-packages, version, executable, command,
// prompt, implementation; and cas's own. Values that would break the file's lines are left out where they only inform.
// Throws Error where `home` cannot be written.
[[nodiscard]] std::string pyvenv_cfg_text(const PyvenvConfig& config);

// The text of pyvenv.cfg in the open directory; nullopt where it is not there, or cannot be one: no regular file, larger than 64 KiB, no
// UTF-8. Never waits for what lies there.
[[nodiscard]] std::optional<std::string> read_pyvenv_cfg(int environment);

// The value of `key` in such a text, whoever wrote it: venv writes prompts as Python's repr(), virtualenv as they are; the quotes
// are taken off. nullopt: the key is not there.
[[nodiscard]] std::optional<std::string> pyvenv_cfg_value(std::string_view text, std::string_view key);
// Whether such a text shows the system's packages: as Python reads it, "true" in any case, and the last line that says so counts.
[[nodiscard]] bool shows_system_packages(std::string_view text);
// Whether such a text names another interpreter than the anchored one. `home`: "" where it names none; `version`: "3.12.1".
[[nodiscard]] bool names_other_interpreter(std::string_view text, std::string_view home, std::string_view version);

// What users added to a pyvenv.cfg: comments, and keys that no program writes there. Whole lines, in their order.
[[nodiscard]] std::string lines_of_users(std::string_view text);
// What `former` says, by its keys, and `made`, which takes its place, says otherwise or not at all, so that it would be lost: of those
// that are the user's to choose (but the prompt, which goes only when he says so), and of the interpreter where it is not that of `home` and `version`, for which `former` was made.
[[nodiscard]] std::vector<std::string> lost_configuration(std::string_view former, std::string_view made,
                                                          std::string_view home, std::string_view version);

// The text of a pyvenv.cfg by cas with `now` where it names `former`, both paths of environments. nullopt: it does not.
[[nodiscard]] std::optional<std::string> moved_pyvenv_cfg(std::string_view text, std::string_view former,
                                                          std::string_view now);

}  // namespace cas
