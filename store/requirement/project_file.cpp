#include "store/requirement/project_file.hpp"

#include <fmt/format.h>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/base/toml_fields.hpp"
#include "store/source/wheel_name.hpp"

namespace cas {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{16} << 20;

std::vector<ProjectEntry> entries_of(const std::vector<TomlText>& texts) {
  std::vector<ProjectEntry> entries;
  for (const TomlText& text : texts) entries.push_back({text.line, text.text, {}, {}});
  return entries;
}

void add_list(const TomlFields& table, ProjectLists& lists, std::string_view key, const toml::node& node,
              std::vector<ProjectEntry> entries) {
  if (!is_project_name(key)) table.fail(node, fmt::format("'{}' is no name", printable(key)));
  if (!lists.emplace(normalize_name(key), std::move(entries)).second) {
    table.fail(node, fmt::format("{} is there already, in another spelling", table.name(key)));
  }
}

ProjectEntry group_entry(const toml::node& node) {
  ProjectEntry entry;
  entry.line = node.source().begin.line;
  if (const auto* text = node.as_string()) {
    entry.text = text->get();
    return entry;
  }
  const toml::table* table = node.as_table();
  const toml::node* include = table == nullptr || table->size() != 1 ? nullptr : table->get("include-group");
  const auto* name = include == nullptr ? nullptr : include->as_string();
  if (name == nullptr || !is_project_name(name->get())) {
    entry.problem = "is neither a requirement nor { include-group = \"NAME\" }";
  } else {
    entry.include = normalize_name(name->get());
  }
  return entry;
}

void read_project(const TomlFields& table, ProjectFile& project) {
  project.has_project = true;
  const auto name = table.text("name");
  if (!name) table.fail(table.node(), "project.name is missing");
  if (!is_project_name(name->text)) {
    table.fail(*table.node().get("name"), fmt::format("'{}' is no name of a project", printable(name->text)));
  }
  project.name = normalize_name(name->text);
  if (const auto versions = table.text("requires-python")) {
    const auto parsed = SpecifierSet::parse(versions->text);
    if (!parsed) {
      table.fail(*table.node().get("requires-python"),
                 fmt::format("requires-python = '{}' are no version specifiers", printable(versions->text)));
    }
    project.requires_python = *parsed;
  }
  project.dependencies = entries_of(table.texts("dependencies"));
  if (const auto extras = table.table("optional-dependencies")) {
    for (const auto& [key, node] : extras->node()) {
      add_list(*extras, project.extras, key.str(), node, entries_of(extras->texts(key.str())));
    }
  }
  for (const TomlText& key : table.texts("dynamic")) {
    if (table.node().contains(key.text)) {
      throw InvalidInput(
          fmt::format("{}:{}: project.{} is given, and dynamic", project.place, key.line, printable(key.text)));
    }
    project.dynamic.insert(key.text);
  }
}

// For hints only: whatever is not as expected there is passed over.
void read_tools(const toml::table& table, ProjectFile& project) {
  const auto file = table.at_path("tool.setuptools.dynamic.dependencies.file");
  if (const auto* one = file.as_string()) project.dynamic_files.push_back(one->get());
  if (const auto* several = file.as_array()) {
    for (const toml::node& each : *several) {
      if (const auto* one = each.as_string()) project.dynamic_files.push_back(one->get());
    }
  }
  if (const auto* overrides = table.at_path("tool.uv.override-dependencies").as_array()) {
    for (const toml::node& each : *overrides) {
      const auto* const one = each.as_string();
      const std::string_view text = one == nullptr ? std::string_view() : std::string_view(one->get());
      project.overridden.insert(normalize_name(text.substr(0, text.find_first_of(" \t[(<>=!~;@"))));
    }
  }
  const auto* defaults = table.at_path("tool.uv.default-groups").node();
  if (const auto* several = defaults == nullptr ? nullptr : defaults->as_array()) {
    project.default_groups.clear();
    for (const toml::node& each : *several) {
      if (const auto* one = each.as_string()) project.default_groups.push_back(normalize_name(one->get()));
    }
  } else if (defaults != nullptr && defaults->value<std::string_view>() == "all") {
    project.default_groups.clear();
    for (const auto& [name, entries] : project.groups) project.default_groups.push_back(name);
  }
  if (const auto* sources = table.at_path("tool.uv.sources").as_table()) {
    for (const auto& [key, node] : *sources) project.sources.insert(normalize_name(key.str()));
  }
}

}  // namespace

ProjectFile parse_project_file(std::string_view text, std::string_view place) {
  if (text.size() > kMaxFileBytes) {
    throw InvalidInput(fmt::format("{}: {} are no pyproject.toml", place, format_size(text.size())));
  }
  const toml::table file = parse_toml(text, place);
  const TomlFields fields(file, place);
  ProjectFile project;
  project.place = place;
  if (const auto table = fields.table("project")) read_project(*table, project);
  if (const auto groups = fields.table("dependency-groups")) {
    for (const auto& [key, node] : groups->node()) {
      std::vector<ProjectEntry> entries;
      for (const toml::node& entry : *groups->array(key.str())) entries.push_back(group_entry(entry));
      add_list(*groups, project.groups, key.str(), node, std::move(entries));
    }
  }
  read_tools(file, project);
  return project;
}

}  // namespace cas
