// Settings files: cas.toml of the project (the nearest one from the current directory upwards) and of the user
// ($XDG_CONFIG_HOME/cas/cas.toml). Keys are called like the options for which they stand where neither the command line nor a variable
// of the environment says something.
//
// A project's file may come from anybody, by a clone of a repository. It may say what a requirements file may say, too: where packages come
// from; but not which program is run, which Python by its path, where the store is or whom to trust without TLS. Files of other users
// than this one and root are passed over.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

enum class SettingsOwner { project, user };

struct FileSetting {
  std::string name;
  std::string value;  // of a switch: "true" or "false"
  std::string place;  // "file:line"
  SettingsOwner owner = SettingsOwner::user;
};

// In the file's order by name; a list has one for each of its entries. Relative folders are made absolute by `directory`, where the file lies.
// Throws InvalidInput naming the line: no TOML, an unknown key, another type, a key that a project may not set.
[[nodiscard]] std::vector<FileSetting> parse_settings(std::string_view text, std::string_view place,
                                                      const std::string& directory, SettingsOwner owner);

// XDG_CONFIG_HOME, else ~/.config; "" where nobody says where it is. `variable`: as below.
[[nodiscard]] std::string user_config_directory(const std::function<std::optional<std::string>(const char*)>& variable);

// Whether a settings file that was found, and not named, may count: it is this user's, or root's. What another one put there must not say
// what this user's commands mean.
[[nodiscard]] bool is_own_settings_file(const std::string& path);

// What counts: of a name that both files have, the project's. `variable`: the value of an environment variable; `directory`: the current
// one, absolute. Throws what parsing and reading throw.
[[nodiscard]] std::vector<FileSetting> read_settings(
    const std::function<std::optional<std::string>(const char*)>& variable, const std::string& directory);

}  // namespace cas
