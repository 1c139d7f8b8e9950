#include "linker/pyvenv_cfg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/sys/file.hpp"

#ifndef CAS_VERSION
#define CAS_VERSION "0"
#endif

namespace cas {
namespace {

constexpr const char* kFileName = "pyvenv.cfg";
constexpr std::size_t kMostBytes = std::size_t{64} << 10;
constexpr std::string_view kBlanks = " \t\r";

// Python strips blanks around values.
bool fits_line(std::string_view value) {
  for (const char c : value) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) return false;
  }
  return is_valid_utf8(value) && !value.starts_with(' ') && !value.ends_with(' ');
}

// As Python's repr(), which venv uses here and activation scripts take off again.
std::string quoted(std::string_view text) {
  const char quote = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos ? '"' : '\'';
  std::string result(1, quote);
  for (const char c : text) {
    if (c == '\\' || c == quote) result += '\\';
    result += c;
  }
  return result + quote;
}

struct Line {
  std::string_view text;   // without its end
  std::string key;         // in lower case, as Python reads it; "": it is no setting
  std::string_view value;  // without blanks
};

// Takes the first line off.
Line next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  Line line{text.substr(0, end), {}, {}};
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  const std::size_t equals = line.text.find('=');
  if (equals == std::string_view::npos) return line;
  line.key = lower_case(trimmed(line.text.substr(0, equals), kBlanks));
  line.value = trimmed(line.text.substr(equals + 1), kBlanks);
  return line;
}

// What programs say of the interpreter and of themselves: their business, and made anew.
constexpr std::string_view kProgramsKeys[] = {
    "home",    "version",        "version_info", "executable", "base-prefix", "base-exec-prefix", "base-executable",
    "command", "implementation", "cas",          "uv",         "virtualenv"};
constexpr std::string_view kSystemPackages = "include-system-site-packages";
constexpr std::string_view kPrompt = "prompt";

std::string command_line(std::string_view environment) { return fmt::format("command = cas create {}\n", environment); }

}  // namespace

std::string pyvenv_cfg_text(const PyvenvConfig& config) {
  std::string text;
  if (!config.base_executable.empty()) {
    const std::string home(parent_of(config.base_executable));
    if (!fits_line(home)) {
      throw Error(
          fmt::format("no environment can be made over {}: Python reads pyvenv.cfg, which must name it, as UTF-8 "
                      "text with a line for each value",
                      printable(config.base_executable)));
    }
    text = fmt::format("home = {}\n", home);
  }
  text += fmt::format("include-system-site-packages = {}\nversion = {}\n",
                      config.system_site_packages ? "true" : "false", config.version);
  // These only inform: better left out than broken.
  if (!config.real_executable.empty() && fits_line(config.real_executable)) {
    text += fmt::format("executable = {}\n", config.real_executable);
  }
  if (fits_line(config.environment)) text += command_line(config.environment);
  if (config.prompt && fits_line(*config.prompt)) text += fmt::format("prompt = {}\n", quoted(*config.prompt));
  text += fmt::format("implementation = {}\ncas = " CAS_VERSION "\n",
                      config.implementation == "cpython" ? "CPython" : config.implementation);
  return text;
}

std::optional<std::string> read_pyvenv_cfg(int environment) {
  try {
    const auto info = stat_at(environment, kFileName);
    if (!info || !S_ISREG(info->st_mode)) return std::nullopt;
    auto text = try_read_file_at(environment, kFileName, kMostBytes);
    return text && is_valid_utf8(*text) ? text : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<std::string> pyvenv_cfg_value(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const Line line = next_line(text);
    if (line.key != key) continue;
    std::string_view value = line.value;
    const bool is_quoted =
        value.size() >= 2 && (value.front() == '\'' || value.front() == '"') && value.front() == value.back();
    if (!is_quoted) return std::string(value);
    value = value.substr(1, value.size() - 2);
    std::string bare;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i] == '\\' && i + 1 < value.size()) ++i;
      bare += value[i];
    }
    return bare;
  }
  return std::nullopt;
}

bool shows_system_packages(std::string_view text) {
  bool shown = false;
  while (!text.empty()) {
    const Line line = next_line(text);
    if (line.key == kSystemPackages) shown = lower_case(line.value) == "true";
  }
  return shown;
}

bool names_other_interpreter(std::string_view text, std::string_view home, std::string_view version) {
  return pyvenv_cfg_value(text, "home").value_or("") != home || pyvenv_cfg_value(text, "version") != version;
}

std::string lines_of_users(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const Line line = next_line(text);
    const bool known = line.key == kSystemPackages || line.key == kPrompt ||
                       std::ranges::find(kProgramsKeys, line.key) != std::end(kProgramsKeys);
    if (!known && !trimmed(line.text, kBlanks).empty()) lines += fmt::format("{}\n", line.text);
  }
  return lines;
}

std::vector<std::string> lost_configuration(std::string_view former, std::string_view made, std::string_view home,
                                            std::string_view version) {
  std::vector<std::string> lost;
  if (names_other_interpreter(former, home, version)) lost.emplace_back("home");
  if (shows_system_packages(former) && !shows_system_packages(made)) lost.emplace_back(kSystemPackages);
  return lost;
}

std::optional<std::string> moved_pyvenv_cfg(std::string_view text, std::string_view former, std::string_view now) {
  const std::string line = command_line(former);
  const std::size_t at = text.find("\n" + line);
  if (!fits_line(former) || at == std::string_view::npos) return std::nullopt;
  return std::string(text).replace(at + 1, line.size(), fits_line(now) ? command_line(now) : std::string());
}

}  // namespace cas
