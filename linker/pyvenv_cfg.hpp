// The text of pyvenv.cfg (PEP 405).
#pragma once

#include <optional>
#include <string>

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

}  // namespace cas
