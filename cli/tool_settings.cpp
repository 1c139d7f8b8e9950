#include "cli/tool_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/net/credentials.hpp"
#include "store/requirement/pip_config.hpp"
#include "store/requirement/uv_config.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

using VariableOf = std::function<std::optional<std::string>(const char*)>;

constexpr std::size_t kMostConfigBytes = std::size_t{1} << 20;
constexpr std::string_view kNoFile = "/dev/null";

std::string home_of(const VariableOf& variable) {
  const std::string home = variable("HOME").value_or("");
  return home.starts_with('/') ? home : std::string();
}

class ToolFileReader {
 public:
  ToolFileReader(const VariableOf& variable, const ToolPlaces& places, ToolSettings& result)
      : variable_(variable), places_(places), result_(result) {}

  [[nodiscard]] std::vector<ToolSetting> pip() const {
    PipConfig config;
    const std::string named = variable_("PIP_CONFIG_FILE").value_or("");
    if (named == kNoFile) return {};
    const auto add = [&](const std::string& path, SettingLevel level) {
      if (!is_own_settings_file(path)) return;
      if (const auto text = read(path)) with_remedy([&] { config.add_file(*text, printable(path), level); });
    };
    // What is read later replaces.
    for (const std::string& folder : machine_configs()) add(folder + "/pip/pip.conf", SettingLevel::machine);
    add(places_.machine + "/pip.conf", SettingLevel::machine);
    // As in pip: a file that is named stands for the user's.
    if (named.empty() || !leads_to_file(named)) {
      const std::string home = home_of(variable_);
      const std::string own = user_config_directory(variable_);
      if (!home.empty()) add(home + "/.pip/pip.conf", SettingLevel::user);
      if (!own.empty()) add(own + "/pip/pip.conf", SettingLevel::user);
    }
    const std::string prefix =
        places_.environment.empty() ? variable_("VIRTUAL_ENV").value_or("") : places_.environment;
    if (!prefix.empty()) add(prefix + "/pip.conf", SettingLevel::environment);
    if (!named.empty() && !leads_to_file(named)) {
      result_.warnings.push_back(fmt::format("PIP_CONFIG_FILE names {}, which does not exist", printable(named)));
    } else if (!named.empty()) {
      const std::string text = read_fd(open_user_file(named).get(), kMostConfigBytes, named);
      with_remedy([&] { config.add_file(text, printable(named), SettingLevel::named); });
    }
    return config.settings();
  }

  [[nodiscard]] std::vector<ToolSetting> uv() const {
    std::vector<ToolSetting> settings;
    const std::string named = variable_("UV_CONFIG_FILE").value_or("");
    if (!named.empty()) {
      if (named == kNoFile) return {};
      if (!leads_to_file(named)) throw NotFound(fmt::format("UV_CONFIG_FILE names {}, which does not exist", named));
      const std::string text = read_fd(open_user_file(named).get(), kMostConfigBytes, named);
      add(named, text, UvFile::uv_toml, SettingLevel::named, settings);
      return settings;
    }
    add_project(settings);
    if (const std::string own = user_config_directory(variable_); !own.empty())
      add_toml(own + "/uv/uv.toml", SettingLevel::user, settings);
    std::vector<std::string> folders = machine_configs();
    folders.push_back(places_.machine);
    for (const std::string& folder : folders) {
      if (!leads_to_file(folder + "/uv/uv.toml")) continue;
      add_toml(folder + "/uv/uv.toml", SettingLevel::machine, settings);
      break;
    }
    return settings;
  }

 private:
  [[nodiscard]] std::vector<std::string> machine_configs() const {
    std::string all = variable_("XDG_CONFIG_DIRS").value_or("");
    if (all.empty()) all = places_.machine + "/xdg";
    std::vector<std::string> folders;
    for (std::size_t at = 0; at < all.size();) {
      const std::size_t end = std::min(all.find(':', at), all.size());
      if (all[at] == '/') folders.push_back(all.substr(at, end - at));
      at = end + 1;
    }
    return folders;
  }

  // nullopt: it cannot be read, which is said.
  [[nodiscard]] std::optional<std::string> read(const std::string& path) const {
    try {
      return read_fd(open_user_file(path).get(), kMostConfigBytes, path);
    } catch (const Error& error) {
      result_.warnings.push_back(error.message() + ": its settings do not count");
      return std::nullopt;
    }
  }

  template <class F>
  static void with_remedy(F&& f) {
    try {
      f();
    } catch (const InvalidInput& problem) {
      throw InvalidInput(problem.message(), "correct it; --no-config leaves all settings files out");
    }
  }

  bool add(const std::string& path, const std::string& text, UvFile kind, SettingLevel level,
           std::vector<ToolSetting>& settings) const {
    bool any = false;
    with_remedy([&] {
      auto config = parse_uv_config(text, printable(path), kind, std::string(parent_of(path)), level);
      if (!config) return;
      any = true;
      std::ranges::move(config->settings, std::back_inserter(settings));
      std::ranges::move(config->warnings, std::back_inserter(result_.warnings));
    });
    return any;
  }

  void add_toml(const std::string& path, SettingLevel level, std::vector<ToolSetting>& settings) const {
    if (!is_own_settings_file(path)) return;
    if (const auto text = read(path)) add(path, *text, UvFile::uv_toml, level, settings);
  }

  // false: it is not uv's, and the one above may be.
  bool add_pyproject(const std::string& path, std::vector<ToolSetting>& settings) const {
    if (!is_own_settings_file(path)) return false;
    const auto text = read(path);
    if (!text) return false;
    try {
      return add(path, *text, UvFile::pyproject, SettingLevel::project, settings);
    } catch (const InvalidInput& problem) {
      // Nobody asked for it: it lies somewhere above.
      result_.warnings.push_back(problem.message() + "; settings for uv in it do not count");
      return false;
    }
  }

  void add_project(std::vector<ToolSetting>& settings) const {
    for (std::string folder = places_.directory; !folder.empty();) {
      const std::string inside = folder == "/" ? folder : folder + "/";
      if (stat_path(inside + "uv.toml")) {
        add_toml(inside + "uv.toml", SettingLevel::project, settings);
        return;
      }
      if (stat_path(inside + "pyproject.toml") && add_pyproject(inside + "pyproject.toml", settings)) return;
      if (folder == "/") return;
      folder = std::string(parent_of(folder));
    }
  }

  const VariableOf& variable_;
  const ToolPlaces& places_;
  ToolSettings& result_;
};

SettingForm form_of(std::string_view name) {
  return std::ranges::find(kKnownSettings, name, &KnownSetting::name)->form;
}

// Of an index that has a name, what its variables say.
std::string with_index_credentials(const ToolSetting& setting, const VariableOf& variable) {
  if (setting.index_name.empty()) return setting.value;
  const auto user = variable(uv_index_variable(setting.index_name, "USERNAME").c_str());
  const auto password = variable(uv_index_variable(setting.index_name, "PASSWORD").c_str());
  if (!user && !password) return setting.value;
  return url_with_credentials(setting.value, {user.value_or(""), password.value_or("")});
}

// A path of the user's, as pip reads it.
std::string without_tilde(const ToolSetting& setting, const VariableOf& variable) {
  const bool path = setting.name == "cert" || setting.name == "client-cert" || setting.name == "find-links";
  const std::string home = home_of(variable);
  return path && !home.empty() && setting.value.starts_with("~/") ? home + setting.value.substr(1) : setting.value;
}

}  // namespace

ToolSettings read_tool_settings(const VariableOf& variable, const ToolPlaces& places, ToolFiles files) {
  ToolSettings result;
  std::vector<ToolSetting> all = pip_variables(variable);
  const std::size_t of_pip = all.size();
  std::ranges::move(uv_variables(variable), std::back_inserter(all));
  if (files == ToolFiles::read) {
    const ToolFileReader reader(variable, places, result);
    for (ToolSetting& setting : reader.pip()) {
      const auto end = all.begin() + static_cast<std::ptrdiff_t>(of_pip);
      const bool replaced = std::any_of(all.begin(), end, [&](const ToolSetting& s) { return s.name == setting.name; });
      if (!replaced) all.push_back(std::move(setting));
    }
    const std::string off = variable("UV_NO_CONFIG").value_or("");
    if (off.empty() || off == "0" || off == "false") std::ranges::move(reader.uv(), std::back_inserter(all));
  }
  std::ranges::stable_sort(all, {}, &ToolSetting::level);
  for (ToolSetting& setting : all) {
    setting.value = without_tilde(setting, variable);
    const auto same = [&](const FileSetting& known) {
      return known.name == setting.name && (form_of(setting.name) != SettingForm::list || known.value == setting.value);
    };
    if (std::ranges::any_of(result.settings, same)) continue;
    result.settings.push_back({setting.name, with_index_credentials(setting, variable), setting.place,
                               setting.level == SettingLevel::project ? SettingsOwner::project : SettingsOwner::user});
  }
  return result;
}

}  // namespace cas
