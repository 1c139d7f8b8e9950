#include "cli/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "linker/python/python_request.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/base/toml_fields.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostSettingsBytes = std::size_t{1} << 20;
constexpr const char* kFileName = "cas.toml";

enum class KeyType { text, texts, flag };

struct Key {
  std::string_view name;
  KeyType type = KeyType::text;
  bool in_projects = true;
};
constexpr std::array kKeys{
    Key{"base-stores", KeyType::texts, false},
    Key{"cert", KeyType::text, false},
    Key{"client-cert", KeyType::text, false},
    Key{"extra-index-url", KeyType::texts},
    Key{"find-links", KeyType::texts},
    Key{"index-strategy"},
    Key{"index-url"},
    Key{"keyring-provider", KeyType::text, false},
    Key{"link-mode"},
    Key{"max-free", KeyType::text, false},
    Key{"max-lock-age"},
    Key{"min-free", KeyType::text, false},
    Key{"no-index", KeyType::flag},
    Key{"pre", KeyType::flag},
    Key{"python"},
    Key{"resolver", KeyType::text, false},
    Key{"store", KeyType::text, false},
    Key{"trusted-host", KeyType::texts, false},
};

const Key& key_of(const TomlFields& fields, std::string_view name, const toml::node& node) {
  const auto known = std::ranges::find(kKeys, name, &Key::name);
  if (known != kKeys.end()) return *known;
  std::vector<std::string_view> names;
  for (const Key& key : kKeys) names.push_back(key.name);
  const auto nearest = nearest_spelling(name, names);
  fields.fail(node, fmt::format("unknown key '{}'{}", printable(name),
                                nearest ? fmt::format("; did you mean '{}'?", *nearest) : std::string()));
}

// Of paths: the store, certificates, and find-links that are no addresses.
std::string with_directory(std::string_view name, const std::string& value, const std::string& directory) {
  const bool is_path = name == "store" || name == "base-stores" || name == "cert" || name == "client-cert" ||
                       (name == "find-links" && value.find("://") == std::string::npos);
  return is_path && !value.starts_with('/') ? directory + "/" + value : value;
}

// A path or a name would be a program that somebody else chose.
void refuse_program(const TomlFields& fields, const toml::node& node, const std::string& python) {
  const PythonRequest request = parse_python_request(python);
  if (request.kind == PythonRequest::Kind::version) return;
  fields.fail(node,
              fmt::format("a project may ask for a version of Python, not for the program '{}'", printable(python)));
}

std::string user_file(const std::function<std::optional<std::string>(const char*)>& variable) {
  const std::string config = user_config_directory(variable);
  return config.empty() ? config : fmt::format("{}/cas/{}", config, kFileName);
}

std::string project_file(std::string directory) {
  while (true) {
    std::string path = (directory == "/" ? "" : directory) + "/" + kFileName;
    if (stat_path(path)) return is_own_settings_file(path) ? path : std::string();
    if (directory == "/" || directory.empty()) return {};
    const std::size_t slash = directory.rfind('/');
    directory = slash == 0 || slash == std::string::npos ? "/" : directory.substr(0, slash);
  }
}

std::vector<FileSetting> read_file(const std::string& path, SettingsOwner owner) {
  const Fd file = open_user_file(path);
  return parse_settings(read_fd(file.get(), kMostSettingsBytes, path), printable(path), std::string(parent_of(path)),
                        owner);
}

}  // namespace

std::string user_config_directory(const std::function<std::optional<std::string>(const char*)>& variable) {
  std::string config = variable("XDG_CONFIG_HOME").value_or("");
  if (config.starts_with('/')) return config;
  const std::string home = variable("HOME").value_or("");
  return home.starts_with('/') ? home + "/.config" : std::string();
}

bool is_own_settings_file(const std::string& path) {
  const auto file = stat_path(path);
  const auto self = stat_path("/proc/self");
  return file && leads_to_file(path) && (file->st_uid == 0 || (self && file->st_uid == self->st_uid));
}

std::vector<FileSetting> parse_settings(std::string_view text, std::string_view place, const std::string& directory,
                                        SettingsOwner owner) {
  const toml::table table = parse_toml(text, place);
  const TomlFields fields(table, place);
  std::vector<FileSetting> settings;
  for (const auto& [name, node] : table) {
    const Key& key = key_of(fields, name.str(), node);
    if (owner == SettingsOwner::project && !key.in_projects) {
      fields.fail(node, fmt::format("a project may not set '{}'; it belongs into the user's cas.toml", key.name));
    }
    std::vector<TomlText> values;
    if (key.type == KeyType::texts) {
      values = fields.texts(key.name);
    } else if (key.type == KeyType::flag) {
      values.push_back({*fields.flag(key.name) ? "true" : "false", node.source().begin.line});
    } else {
      values.push_back(*fields.text(key.name));
    }
    for (const TomlText& value : values) {
      if (value.text.empty() || value.text.find('\0') != std::string::npos) {
        fields.fail(node, fmt::format("{} has an empty value, or one that cannot be", key.name));
      }
      if (key.name == "python" && owner == SettingsOwner::project) refuse_program(fields, node, value.text);
      settings.push_back({std::string(key.name), with_directory(key.name, value.text, directory),
                          fmt::format("{}:{}", place, value.line), owner});
    }
  }
  return settings;
}

std::vector<FileSetting> read_settings(const std::function<std::optional<std::string>(const char*)>& variable,
                                       const std::string& directory) {
  const std::string of_user = user_file(variable);
  const std::string of_project = project_file(directory);
  std::vector<FileSetting> settings;
  if (!of_project.empty() && of_project != of_user) settings = read_file(of_project, SettingsOwner::project);
  if (of_user.empty() || !is_own_settings_file(of_user)) return settings;
  const std::size_t own = settings.size();
  for (FileSetting& setting : read_file(of_user, SettingsOwner::user)) {
    const auto end = settings.begin() + static_cast<std::ptrdiff_t>(own);
    if (std::find_if(settings.begin(), end, [&](const FileSetting& s) { return s.name == setting.name; }) == end) {
      settings.push_back(std::move(setting));
    }
  }
  return settings;
}

}  // namespace cas
