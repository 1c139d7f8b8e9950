#include "store/requirement/pip_config.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/base/relpath.hpp"

namespace cas {
namespace {

constexpr std::string_view kBlank = " \t\r\n\f\v";
constexpr std::string_view kBlankOrComma = " \t\r\n\f\v,";

// What pip calls it; "": pip has no such setting.
std::string_view pip_name(std::string_view name) { return name == "index-strategy" || name == "no-build" ? "" : name; }

// A second name of the same.
std::string_view other_name(std::string_view name) {
  if (name == "timeout") return "default-timeout";
  return name == "index-url" ? "pypi-url" : "";
}

// Names of packages are separated by commas, everything else by blanks.
std::string_view separators_of(std::string_view name) {
  return name == "no-binary" || name == "only-binary" ? kBlankOrComma : kBlank;
}

std::string normalized_key(std::string_view key) {
  while (key.starts_with('-')) key.remove_prefix(1);
  std::string name(key);
  std::ranges::replace(name, '_', '-');
  return name;
}

std::string variable_name(std::string_view key) {
  std::string name = "PIP_";
  for (const char c : key) name += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
  return name;
}

}  // namespace

void PipConfig::add_file(std::string_view text, std::string_view place, SettingLevel level) {
  std::vector<IniSetting> settings = parse_ini(text, place);
  // A file's [DEFAULT] stands for what its other sections leave out, so it comes first.
  std::stable_partition(settings.begin(), settings.end(),
                        [](const IniSetting& setting) { return setting.section == "DEFAULT"; });
  for (IniSetting& setting : settings) {
    const std::string here = fmt::format("{}:{}", place, setting.line);
    setting.key = normalized_key(setting.key);
    // Empty values do not count, and hide nothing.
    if (setting.value.find_first_not_of(kBlank) == std::string::npos) continue;
    const bool common = setting.section == "DEFAULT";
    for (const std::string_view section : {"global", "install"}) {
      if (!common && setting.section != section) continue;
      // Of [DEFAULT] one will do: [install] is looked at first, and must not win by what stands for all.
      if (common && section == "install") continue;
      entries_.push_back({{std::string(section), setting.key, setting.value, setting.line}, here, level});
    }
  }
}

const PipConfig::Entry* PipConfig::find(std::string_view section, std::string_view key) const {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(), [&](const Entry& entry) {
    return entry.setting.section == section && entry.setting.key == key;
  });
  return found == entries_.rend() ? nullptr : &*found;
}

std::vector<ToolSetting> PipConfig::settings() const {
  std::vector<ToolSetting> settings;
  for (const KnownSetting& known : kKnownSettings) {
    const Entry* entry = nullptr;
    for (const std::string_view section : {"install", "global"}) {
      for (const std::string_view key : {pip_name(known.name), other_name(known.name)}) {
        if (entry == nullptr && !key.empty()) entry = find(section, key);
      }
    }
    if (entry == nullptr) continue;
    add_setting(known, {{}, entry->setting.value, entry->place, entry->level}, separators_of(known.name), settings);
  }
  return settings;
}

std::vector<ToolSetting> pip_variables(const std::function<std::optional<std::string>(const char*)>& variable) {
  std::vector<ToolSetting> settings;
  for (const KnownSetting& known : kKnownSettings) {
    for (const std::string_view key : {pip_name(known.name), other_name(known.name)}) {
      if (key.empty()) continue;
      const std::string name = variable_name(key);
      const auto value = variable(name.c_str());
      if (!value || value->find_first_not_of(kBlank) == std::string::npos) continue;
      add_setting(known, {{}, *value, name, SettingLevel::variable}, separators_of(known.name), settings);
      break;
    }
  }
  return settings;
}

}  // namespace cas
