// What the settings of pip and uv say: their variables (PIP_*, UV_*), and the files in which they look themselves.
//
//   the project   uv.toml, else [tool.uv] of pyproject.toml, in the current directory or the nearest above that has one
//   named         by PIP_CONFIG_FILE (/dev/null: no file of pip's), by UV_CONFIG_FILE (no other of uv's)
//   environment   pip.conf of the virtual environment
//   the user      pip/pip.conf below XDG_CONFIG_HOME or ~/.config, and ~/.pip/pip.conf; uv/uv.toml below the former
//   the machine   pip.conf and pip/pip.conf below XDG_CONFIG_DIRS and /etc; uv/uv.toml there
//
// Each tool's settings are put together as that tool does it: of pip the nearer file's word replaces the others', of uv lists add up. What
// both say in lists adds up as well; of one value the nearest counts, a variable before all files, and pip's before uv's where both are
// equally near. Files of other users are passed over where they were found and not named.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/settings.hpp"

namespace cas {

enum class ToolFiles { read, left_out };

struct ToolSettings {
  std::vector<FileSetting>
      settings;  // under the names of store/requirement/tool_setting.hpp; what counts first stands first
  std::vector<std::string> warnings;
};

// Where to look.
struct ToolPlaces {
  std::string directory;      // the current one, absolute
  std::string environment{};  // of the virtual environment that is changed; "": the active one
  std::string machine = "/etc";
};

// `variable`: the value of an environment variable. Passwords of UV_INDEX_<NAME>_PASSWORD are in the addresses. A file that cannot be read, and
// a pyproject.toml that is none, are warnings; throws InvalidInput with file and line for every other one that is broken, NotFound where
// UV_CONFIG_FILE names nothing.
[[nodiscard]] ToolSettings read_tool_settings(const std::function<std::optional<std::string>(const char*)>& variable,
                                              const ToolPlaces& places, ToolFiles files);

}  // namespace cas
