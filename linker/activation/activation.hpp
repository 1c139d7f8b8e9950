// The activation scripts of an environment. Pure: texts in, texts out.
//
// A script finds its environment when it is read, so that it is right after `mv`: bash, zsh, ksh93, fish, PowerShell, nushell,
// xonsh and an embedding Python tell the path of the file being read; for other shells (dash, mksh, csh) /proc tells which
// file the shell has open. Where that fails, the path at creation serves. The default prompt is the directory's name then.
// So the texts are the same for all environments of an interpreter, but for that path, which stands in `activate` and
// `activate.csh`, and a prompt that the user gave.
//
// A script consists of a head (comment and values), a body, and a last line with the CRC-32 of all before it: thus a script
// that somebody edited is known, and kept, when the environment is changed.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

struct ActivationScript {
  std::string_view name;  // in the environment's bin
  std::string text;
};

struct ActivationValues {
  std::string environment;            // absolute path at creation; any bytes but NUL
  std::optional<std::string> prompt;  // nullopt or "": the directory's name
  std::string site_packages;          // "lib/python3.12/site-packages"
};

[[nodiscard]] std::vector<ActivationScript> activation_scripts(const ActivationValues& values);

// The names of the above, in their order.
[[nodiscard]] std::span<const std::string_view> activation_script_names();

// PowerShell's script has two names among users: venv's, which is the file, and virtualenv's, a symbolic link to it.
inline constexpr std::string_view kPowerShellScript = "Activate.ps1";
inline constexpr std::string_view kPowerShellAlias = "activate.ps1";

// Whether `text` is an activation script by any version of cas, and as it was written.
[[nodiscard]] bool is_unedited_activation_script(std::string_view text);

// `text`, an unedited activation script in which `former` stands as the path at creation, with `now` in its place. nullopt: it is
// edited, or does not hold that path.
[[nodiscard]] std::optional<std::string> moved_activation_script(std::string_view text, std::string_view former,
                                                                 std::string_view now);

}  // namespace cas
