// virtualenv's settings: its ini file and its VIRTUALENV_* variables, by the names of its options.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

// Option without dashes in front ("extra-search-dir") -> the text that was set.
using VirtualenvSettings = std::map<std::string, std::string, std::less<>>;

// The section [virtualenv] of a file as Python's configparser reads it: "key = value" or "key: value", indented lines continue a
// value, lines that begin with '#' or ';' are comments, [DEFAULT] stands for what the section leaves out, "%%" is '%'. Keys
// may have '_' for '-'. Throws UsageError naming `shown` and the line.
[[nodiscard]] VirtualenvSettings parse_virtualenv_ini(std::string_view text, std::string_view shown);

// What is set for the options: by VIRTUALENV_<OPTION>, else in the file that VIRTUALENV_CONFIG_FILE names, else in
// virtualenv/virtualenv.ini below XDG_CONFIG_HOME or ~/.config. Empty values count as none. `variable`: the value of an
// environment variable. Throws what reading the file throws; a file that is not there is none.
[[nodiscard]] VirtualenvSettings read_virtualenv_settings(
    const std::vector<std::string_view>& options,
    const std::function<std::optional<std::string>(const std::string&)>& variable, std::vector<std::string>& notes);

// "1", "yes", "true", "on" or "0", "no", "false", "off", in any case of letters; nullopt: none of them.
[[nodiscard]] std::optional<bool> parse_switch(std::string_view text);

// Values that are lists: by lines, in one line by commas, and each part by colons.
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);

}  // namespace cas
