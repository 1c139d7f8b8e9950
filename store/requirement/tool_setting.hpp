// What settings of pip and uv say, as far as it has a meaning here, under the names of the options that mean the same.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

// Who said it: of one value, the first of these counts that says something.
enum class SettingLevel {
  variable,     // of the environment
  project,      // the nearest uv.toml or pyproject.toml from the current directory upwards
  named,        // a file that PIP_CONFIG_FILE or UV_CONFIG_FILE names
  environment,  // pip.conf of a virtual environment
  user,
  machine
};

struct ToolSetting {
  std::string name;   // an option's without dashes, or "proxy", "timeout", "retries"
  std::string value;  // of a switch: "true" or "false"
  std::string place;  // "file:line", or the variable's name
  SettingLevel level = SettingLevel::user;
  std::string index_name{};  // of an index that has one
};

// What both have in common: which settings have one value, which are lists, which are switches.
enum class SettingForm { text, list, flag };
struct KnownSetting {
  std::string_view name;
  SettingForm form = SettingForm::text;
};
inline constexpr std::array kKnownSettings{
    KnownSetting{"cert"},
    KnownSetting{"client-cert"},
    KnownSetting{"constraint", SettingForm::list},
    KnownSetting{"extra-index-url", SettingForm::list},
    KnownSetting{"find-links", SettingForm::list},
    KnownSetting{"index-strategy"},
    KnownSetting{"index-url"},
    KnownSetting{"keyring-provider"},
    KnownSetting{"no-binary", SettingForm::list},
    KnownSetting{"no-build", SettingForm::flag},
    KnownSetting{"no-index", SettingForm::flag},
    KnownSetting{"only-binary", SettingForm::list},
    KnownSetting{"pre", SettingForm::flag},
    KnownSetting{"proxy"},
    KnownSetting{"require-hashes", SettingForm::flag},
    KnownSetting{"retries"},
    KnownSetting{"timeout"},
    KnownSetting{"trusted-host", SettingForm::list},
};

// A setting as text, taken apart and added to `settings`: lists at blanks (and commas, where `separators` has them), an empty value is none.
// Throws InvalidInput naming `said.place` for a switch that is neither on nor off, and for a zero byte.
void add_setting(const KnownSetting& known, ToolSetting said, std::string_view separators,
                 std::vector<ToolSetting>& settings);

}  // namespace cas
