// uv's settings: its configuration files (uv.toml, [tool.uv] of pyproject.toml) and its variables (UV_*). Pure: who reads the files says
// where they lie.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/requirement/tool_setting.hpp"

namespace cas {

enum class UvFile {
  uv_toml,
  pyproject  // only what stands in [tool.uv]
};

struct UvConfig {
  std::vector<ToolSetting> settings;
  std::vector<std::string> warnings;  // "file:line: …": what was said and has no effect
};

// Settings of [pip] go before those beside it, as in `uv pip`. Indexes of [[index]] count but for explicit ones, which packages have to ask
// for one by one. Relative folders are made absolute by `directory`, where the file lies. At level `project`, which may be anybody's, it is
// not said whom to trust, nor is a program asked for passwords. nullopt: a pyproject.toml without [tool.uv], which is none of uv's.
// Throws InvalidInput naming the line: no TOML, another type.
[[nodiscard]] std::optional<UvConfig> parse_uv_config(std::string_view text, std::string_view place, UvFile kind,
                                                      const std::string& directory, SettingLevel level);

// UV_DEFAULT_INDEX and so on; "NAME=URL" is an index with a name. `variable`: the value of one. Throws InvalidInput for what is neither on nor off.
[[nodiscard]] std::vector<ToolSetting> uv_variables(
    const std::function<std::optional<std::string>(const char*)>& variable);

// What is said of an index that has a name: UV_INDEX_<NAME>_USERNAME or _PASSWORD, as `what` says.
[[nodiscard]] std::string uv_index_variable(std::string_view index_name, std::string_view what);

}  // namespace cas
