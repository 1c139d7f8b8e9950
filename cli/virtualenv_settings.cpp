#include "cli/virtualenv_settings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/base/error.hpp"
#include "store/base/ini.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostIniBytes = std::size_t{1} << 20;
constexpr std::string_view kBlank = " \t\r\f\v";

std::string option_name(std::string_view key) {
  std::string name = lower_case(key);
  std::ranges::replace(name, '_', '-');
  return name;
}

std::string variable_name(std::string_view option) {
  std::string name = "VIRTUALENV_";
  for (const char c : option) name += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

std::string unescaped(std::string_view value, const std::string& place) {
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '%') {
      if (value.substr(i, 2) != "%%") {
        throw UsageError(place + ": values that refer to others, with '%', are not understood",
                         "write it out; '%%' is a '%'");
      }
      ++i;
    }
    text += value[i];
  }
  return text;
}

void split_at(std::string_view text, char separator, std::vector<std::string>& parts) {
  while (true) {
    const std::size_t end = text.find(separator);
    if (const std::string_view part = trimmed(text.substr(0, end), kBlank); !part.empty()) parts.emplace_back(part);
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

std::string ini_path(const std::function<std::optional<std::string>(const std::string&)>& variable) {
  const auto set = [&](const char* name) { return variable(name).value_or(""); };
  if (std::string named = set("VIRTUALENV_CONFIG_FILE"); !named.empty()) return named;
  const std::string config = set("XDG_CONFIG_HOME");
  if (config.starts_with('/')) return config + "/virtualenv/virtualenv.ini";
  const std::string home = set("HOME");
  return home.empty() ? std::string() : home + "/.config/virtualenv/virtualenv.ini";
}

}  // namespace

VirtualenvSettings parse_virtualenv_ini(std::string_view text, std::string_view shown) {
  VirtualenvSettings defaults;
  VirtualenvSettings own;
  try {
    for (const IniSetting& setting : parse_ini(text, printable(shown))) {
      // Other programs' sections may hold what they like.
      if (setting.section != "virtualenv" && setting.section != "DEFAULT") continue;
      VirtualenvSettings& settings = setting.section == "DEFAULT" ? defaults : own;
      settings[option_name(setting.key)] =
          unescaped(setting.value, fmt::format("{}:{}", printable(shown), setting.line));
    }
  } catch (const InvalidInput& problem) {
    throw UsageError(problem.message(), problem.hint());  // these are the words of a command line
  }
  own.merge(defaults);
  return own;
}

VirtualenvSettings read_virtualenv_settings(
    const std::vector<std::string_view>& options,
    const std::function<std::optional<std::string>(const std::string&)>& variable, std::vector<std::string>& notes) {
  VirtualenvSettings settings;
  const std::string path = ini_path(variable);
  if (!path.empty() && stat_path(path)) {
    const Fd file = open_user_file(path);
    settings = parse_virtualenv_ini(read_fd(file.get(), kMostIniBytes, path), path);
  } else if (!path.empty() && variable("VIRTUALENV_CONFIG_FILE").value_or("") == path) {
    notes.push_back(fmt::format("VIRTUALENV_CONFIG_FILE names {}, which does not exist", printable(path)));
  }
  std::erase_if(settings, [](const auto& setting) { return setting.second.empty(); });
  for (const std::string_view option : options) {
    const auto value = variable(variable_name(option));
    if (value && !value->empty()) settings[std::string(option)] = *value;
  }
  return settings;
}

std::optional<bool> parse_switch(std::string_view text) {
  const std::string word = lower_case(trimmed(text, kBlank));
  for (const std::string_view yes : {"1", "yes", "true", "on"}) {
    if (word == yes) return true;
  }
  for (const std::string_view no : {"0", "no", "false", "off"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

std::vector<std::string> split_list(std::string_view text) {
  const bool several_lines = trimmed(text, kBlank).find('\n') != std::string_view::npos;
  std::vector<std::string> lines;
  split_at(text, several_lines ? '\n' : ',', lines);
  std::vector<std::string> parts;
  for (const std::string& line : lines) split_at(line, ':', parts);
  return parts;
}

}  // namespace cas
