#include "linker/activation/activation.hpp"

#include <fmt/format.h>

#include <array>

#include "linker/activation/bodies.hpp"
#include "linker/activation/quoting.hpp"
#include "store/base/crc32.hpp"

namespace cas {
namespace {

constexpr std::array<std::string_view, 7> kNames = {
    "activate", "activate.fish", "activate.csh", kPowerShellScript, "activate.nu", "activate.xsh", "activate_this.py",
};

// In front of the last line's eight digits.
constexpr std::string_view kSeal = "# cas: as it was written if this line is the last, and its number right: ";

std::string sealed(std::string text) { return text + fmt::format("{}{:08x}\n", kSeal, crc32_of(text)); }

std::string posix_place(std::string_view path) { return fmt::format("_cas_made_at={}\n", posix_quoted(path)); }
std::string csh_place(std::string_view path) { return fmt::format("set _cas_made_at = {}\n", csh_quoted(path)); }

ActivationScript script(std::string_view name, std::string head, std::string_view body) {
  head += body;
  return {name, sealed(std::move(head))};
}

std::string comment(std::string_view usage) {
  return fmt::format("# Made by cas. Activates the environment in which it lies: {}\n", usage);
}

}  // namespace

std::vector<ActivationScript> activation_scripts(const ActivationValues& values) {
  const std::string prompt = values.prompt.value_or("");
  const std::string leave = "; `deactivate` leaves it.";
  std::vector<ActivationScript> scripts;
  scripts.push_back(script(kNames[0],
                           comment("`. bin/activate` in bash, zsh, ksh, dash" + leave) +
                               posix_place(values.environment) + fmt::format("_cas_prompt={}\n", posix_quoted(prompt)),
                           kPosixBody));
  scripts.push_back(script(
      kNames[1],
      comment("`source bin/activate.fish`" + leave) + fmt::format("set -g _cas_prompt {}\n", fish_quoted(prompt)),
      kFishBody));
  scripts.push_back(script(kNames[2],
                           comment("`source bin/activate.csh` in csh and tcsh" + leave) +
                               csh_place(values.environment) +
                               fmt::format("set _cas_prompt = {}\n", csh_quoted(prompt)),
                           kCshBody));
  scripts.push_back(script(kNames[3],
                           comment("`. bin/Activate.ps1` in PowerShell" + leave) +
                               fmt::format("$CasPrompt = {}\n", powershell_quoted(prompt)),
                           kPowerShellBody));
  scripts.push_back(script(kNames[4],
                           comment("`overlay use bin/activate.nu` in nushell" + leave) +
                               fmt::format("const cas_prompt = {}\n", nushell_quoted(prompt)),
                           kNushellBody));
  scripts.push_back(script(
      kNames[5],
      comment("`source bin/activate.xsh` in xonsh" + leave) + fmt::format("_cas_prompt = {}\n", python_quoted(prompt)),
      kXonshBody));
  scripts.push_back(script(kNames[6],
                           comment("exec(open(path).read(), {'__file__': path}) in Python.") +
                               fmt::format("_cas_prompt = {}{}\n_cas_site_packages = {}\n", prompt.empty() ? "" : "u",
                                           python_quoted(prompt), python_quoted(values.site_packages)),
                           kPythonBody));
  return scripts;
}

std::span<const std::string_view> activation_script_names() { return kNames; }

bool is_unedited_activation_script(std::string_view text) {
  const std::size_t seal = text.rfind(kSeal);
  if (seal == std::string_view::npos) return false;
  return text.substr(seal + kSeal.size()) == fmt::format("{:08x}\n", crc32_of(text.substr(0, seal)));
}

std::optional<std::string> moved_activation_script(std::string_view text, std::string_view former,
                                                   std::string_view now) {
  if (!is_unedited_activation_script(text)) return std::nullopt;
  const std::pair<std::string, std::string> places[] = {{posix_place(former), posix_place(now)},
                                                        {csh_place(former), csh_place(now)}};
  for (const auto& [old_line, new_line] : places) {
    const std::size_t at = text.find("\n" + old_line);
    if (at == std::string_view::npos) continue;
    std::string moved(text.substr(0, text.rfind(kSeal)));
    return sealed(moved.replace(at + 1, old_line.size(), new_line));
  }
  return std::nullopt;
}

}  // namespace cas
