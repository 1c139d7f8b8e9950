#include "store/requirement/uv_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/toml_fields.hpp"

namespace cas {
namespace {

constexpr std::string_view kBlank = " \t\r\n\f\v";

// One key of a table, and what it is called here.
struct UvKey {
  std::string_view key;
  std::string_view name;
};
constexpr std::array kTexts{UvKey{"index-url", "index-url"}, UvKey{"index-strategy", "index-strategy"},
                            UvKey{"keyring-provider", "keyring-provider"}};
constexpr std::array kLists{
    UvKey{"extra-index-url", "extra-index-url"},  UvKey{"find-links", "find-links"},
    UvKey{"allow-insecure-host", "trusted-host"}, UvKey{"no-build-package", "only-binary"},
    UvKey{"only-binary", "only-binary"},          UvKey{"no-binary-package", "no-binary"},
};
constexpr std::array kFlags{UvKey{"no-build", "no-build"}, UvKey{"no-index", "no-index"},
                            UvKey{"require-hashes", "require-hashes"}};
// On: of all packages.
constexpr std::array kForAll{UvKey{"no-binary", "no-binary"}};

bool is_address(std::string_view value) { return value.find("://") != std::string_view::npos; }

class UvReader {
 public:
  UvReader(std::string_view place, const std::string& directory, SettingLevel level)
      : place_(place), directory_(directory), level_(level) {}

  void read(const TomlFields& fields, UvConfig& config) const {
    if (const auto pip = fields.table("pip")) read_keys(*pip, config);
    read_keys(fields, config);
  }

 private:
  void read_keys(const TomlFields& fields, UvConfig& config) const {
    read_indexes(fields, config);
    for (const UvKey& key : kTexts) {
      if (const auto text = fields.text(key.key)) add(key.name, *text, config);
    }
    for (const UvKey& key : kLists) {
      for (const TomlText& text : fields.texts(key.key)) add(key.name, text, config);
    }
    for (const UvKey& key : kFlags) {
      if (const auto flag = fields.flag(key.key)) add(key.name, text_of(*flag, fields, key.key), config);
    }
    for (const UvKey& key : kForAll) {
      // `uv pip` has lists under the same names.
      const toml::node* node = fields.node().get(key.key);
      if (node != nullptr && node->is_array()) {
        for (const TomlText& text : fields.texts(key.key)) add(key.name, text, config);
      } else if (fields.flag(key.key).value_or(false)) {
        add(key.name, {":all:", node->source().begin.line}, config);
      }
    }
    if (const auto when = fields.text("prerelease"); when && when->text == "allow")
      add("pre", {"true", when->line}, config);
  }

  void read_indexes(const TomlFields& fields, UvConfig& config) const {
    const toml::array* const indexes = fields.array("index");
    if (indexes == nullptr) return;
    for (const toml::node& node : *indexes) {
      const toml::table* const table = node.as_table();
      if (table == nullptr) fields.fail(node, "index is not a list of tables");
      const TomlFields index(*table, place_, fields.name("index"));
      const auto url = index.text("url");
      if (!url) fields.fail(node, "an index without url");
      if (index.flag("explicit").value_or(false)) continue;
      const auto format = index.text("format");
      const bool flat = format && format->text == "flat";
      const bool main = index.flag("default").value_or(false);
      const auto name = index.text("name");
      add(flat ? "find-links" : main ? "index-url" : "extra-index-url", *url, config, name ? name->text : "");
    }
  }

  static TomlText text_of(bool flag, const TomlFields& fields, std::string_view key) {
    return {flag ? "true" : "false", fields.node().get(key)->source().begin.line};
  }

  void add(std::string_view name, const TomlText& text, UvConfig& config, const std::string& index_name = {}) const {
    const std::string here = fmt::format("{}:{}", place_, text.line);
    if (level_ == SettingLevel::project && (name == "trusted-host" || name == "keyring-provider")) {
      config.warnings.push_back(fmt::format("{}: a project may not set {}; it has no effect", here, name));
      return;
    }
    if (text.text.empty() || text.text.find('\0') != std::string::npos)
      throw InvalidInput(fmt::format("{}: an empty value, or one that cannot be", here));
    const bool folder = name == "find-links" || name.ends_with("index-url");
    const bool relative = folder && !is_address(text.text) && !text.text.starts_with('/');
    config.settings.push_back(
        {std::string(name), relative ? directory_ + "/" + text.text : text.text, here, level_, index_name});
  }

  std::string_view place_;
  const std::string& directory_;
  SettingLevel level_;
};

struct UvVariable {
  const char* variable;
  std::string_view name;
  std::string_view separators = kBlank;
};
// Of a setting with one value the first counts.
constexpr std::array kVariables{
    UvVariable{"UV_DEFAULT_INDEX", "index-url"},
    UvVariable{"UV_INDEX_URL", "index-url"},
    UvVariable{"UV_INDEX", "extra-index-url"},
    UvVariable{"UV_EXTRA_INDEX_URL", "extra-index-url"},
    UvVariable{"UV_FIND_LINKS", "find-links", ", \t\r\n"},
    UvVariable{"UV_NO_INDEX", "no-index"},
    UvVariable{"UV_INDEX_STRATEGY", "index-strategy"},
    UvVariable{"UV_INSECURE_HOST", "trusted-host"},
    UvVariable{"UV_KEYRING_PROVIDER", "keyring-provider"},
    UvVariable{"UV_REQUIRE_HASHES", "require-hashes"},
    UvVariable{"UV_CONSTRAINT", "constraint"},
    UvVariable{"UV_NO_BUILD_PACKAGE", "only-binary"},
    UvVariable{"UV_NO_BINARY_PACKAGE", "no-binary"},
    UvVariable{"UV_HTTP_TIMEOUT", "timeout"},
    UvVariable{"UV_HTTP_RETRIES", "retries"},
    UvVariable{"SSL_CLIENT_CERT", "client-cert"},
};
// Whose value means something else here: what it has to be, and what it then is.
struct UvWord {
  const char* variable;
  std::string_view name;
  std::string_view value;
};
constexpr std::array kForAllVariables{UvWord{"UV_NO_BUILD", "no-build", "true"},
                                      UvWord{"UV_NO_BINARY", "no-binary", ":all:"}};

const KnownSetting& known(std::string_view name) {
  return *std::ranges::find(kKnownSettings, name, &KnownSetting::name);
}

// "NAME=URL" taken apart.
void take_index_name(ToolSetting& setting) {
  const std::size_t equals = setting.value.find('=');
  const std::size_t end =
      setting.value.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
  if (equals == std::string::npos || equals == 0 || end != equals) return;
  setting.index_name = setting.value.substr(0, equals);
  setting.value.erase(0, equals + 1);
}

bool has(const std::vector<ToolSetting>& settings, std::string_view name) {
  return std::ranges::find(settings, name, &ToolSetting::name) != settings.end();
}

}  // namespace

std::optional<UvConfig> parse_uv_config(std::string_view text, std::string_view place, UvFile kind,
                                        const std::string& directory, SettingLevel level) {
  const toml::table table = parse_toml(text, place);
  const UvReader reader(place, directory, level);
  UvConfig config;
  if (kind == UvFile::uv_toml) {
    reader.read(TomlFields(table, place), config);
    return config;
  }
  const toml::node_view<const toml::node> own = table["tool"]["uv"];
  if (own.as_table() == nullptr) return std::nullopt;
  reader.read(TomlFields(*own.as_table(), place, "tool.uv"), config);
  return config;
}

std::vector<ToolSetting> uv_variables(const std::function<std::optional<std::string>(const char*)>& variable) {
  std::vector<ToolSetting> settings;
  for (const UvVariable& one : kVariables) {
    const auto value = variable(one.variable);
    const KnownSetting& setting = known(one.name);
    if (!value || (setting.form != SettingForm::list && has(settings, one.name))) continue;
    const std::size_t first = settings.size();
    add_setting(setting, {{}, *value, one.variable, SettingLevel::variable}, one.separators, settings);
    if (!one.name.ends_with("index-url")) continue;
    for (std::size_t i = first; i < settings.size(); ++i) take_index_name(settings[i]);
  }
  for (const UvWord& one : kForAllVariables) {
    std::vector<ToolSetting> flag;
    add_setting({one.name, SettingForm::flag},
                {{}, variable(one.variable).value_or(""), one.variable, SettingLevel::variable}, kBlank, flag);
    if (!flag.empty() && flag.front().value == "true")
      settings.push_back({std::string(one.name), std::string(one.value), one.variable, SettingLevel::variable});
  }
  if (variable("UV_PRERELEASE").value_or("") == "allow")
    settings.push_back({"pre", "true", "UV_PRERELEASE", SettingLevel::variable});
  return settings;
}

std::string uv_index_variable(std::string_view index_name, std::string_view what) {
  std::string name = "UV_INDEX_";
  for (const char c : index_name) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += lower ? static_cast<char>(c - 'a' + 'A') : kept ? c : '_';
  }
  return fmt::format("{}_{}", name, what);
}

}  // namespace cas
