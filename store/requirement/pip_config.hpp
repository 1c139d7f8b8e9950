// pip's settings: its configuration files (pip.conf) and its variables (PIP_*). Pure: who reads the files says where they lie.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/base/ini.hpp"
#include "store/requirement/tool_setting.hpp"

namespace cas {

// The files of one pip, from the machine's to the one that PIP_CONFIG_FILE names: of a key that several have in the same section the last
// counts, and [install] goes before [global] wherever either stands, as in pip. Other commands' sections have no meaning here.
class PipConfig {
 public:
  // Throws InvalidInput as parse_ini() does.
  void add_file(std::string_view text, std::string_view place, SettingLevel level);
  // Throws InvalidInput for what is neither on nor off.
  [[nodiscard]] std::vector<ToolSetting> settings() const;

 private:
  struct Entry {
    IniSetting setting;
    std::string place;
    SettingLevel level;
  };
  [[nodiscard]] const Entry* find(std::string_view section, std::string_view key) const;

  std::vector<Entry> entries_;
};

// PIP_INDEX_URL and so on. `variable`: the value of one. Throws InvalidInput as above, naming the variable.
[[nodiscard]] std::vector<ToolSetting> pip_variables(
    const std::function<std::optional<std::string>(const char*)>& variable);

}  // namespace cas
