#include "store/base/toml_fields.hpp"

#include <fmt/format.h>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {

std::string TomlFields::name(std::string_view key) const {
  const std::string shown = printable(key);
  return key_.empty() ? shown : key_ + "." + shown;
}

void TomlFields::fail(const toml::node& node, std::string_view what) const {
  throw InvalidInput(fmt::format("{}:{}: {}", place_, node.source().begin.line, what));
}

TomlText TomlFields::text_of(const toml::node& node, std::string_view key) const {
  const auto* value = node.as_string();
  if (value == nullptr) fail(node, fmt::format("{} is not text", name(key)));
  return {value->get(), node.source().begin.line};
}

std::optional<TomlText> TomlFields::text(std::string_view key) const {
  const toml::node* node = table_.get(key);
  return node == nullptr ? std::nullopt : std::optional(text_of(*node, key));
}

const toml::array* TomlFields::array(std::string_view key) const {
  const toml::node* node = table_.get(key);
  if (node == nullptr) return nullptr;
  if (node->as_array() == nullptr) fail(*node, fmt::format("{} is not an array", name(key)));
  return node->as_array();
}

std::vector<TomlText> TomlFields::texts(std::string_view key) const {
  std::vector<TomlText> result;
  if (const toml::array* values = array(key)) {
    for (const toml::node& node : *values) result.push_back(text_of(node, key));
  }
  return result;
}

std::optional<bool> TomlFields::flag(std::string_view key) const {
  const toml::node* node = table_.get(key);
  if (node == nullptr) return std::nullopt;
  const auto* value = node->as_boolean();
  if (value == nullptr) fail(*node, fmt::format("{} is not true or false", name(key)));
  return value->get();
}

std::optional<TomlFields> TomlFields::table(std::string_view key) const {
  const toml::node* node = table_.get(key);
  if (node == nullptr) return std::nullopt;
  const toml::table* inner = node->as_table();
  if (inner == nullptr) fail(*node, fmt::format("{} is not a table", name(key)));
  return TomlFields(*inner, place_, name(key));
}

}  // namespace cas
