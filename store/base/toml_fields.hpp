// Typed access to the tables of a TOML file. What has another type than it must have is an InvalidInput that names file, line and key.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/base/toml.hpp"

namespace cas {

struct TomlText {
  std::string text;
  std::size_t line = 0;
};

class TomlFields {
 public:
  // `table` and `place` (the file's name, for people) outlive it; `key` is the table's own: "" for the file.
  TomlFields(const toml::table& table, std::string_view place, std::string key = {})
      : table_(table), place_(place), key_(std::move(key)) {}

  [[nodiscard]] std::optional<TomlText> text(std::string_view key) const;
  // Empty where the key is not there.
  [[nodiscard]] std::vector<TomlText> texts(std::string_view key) const;
  [[nodiscard]] std::optional<bool> flag(std::string_view key) const;
  [[nodiscard]] std::optional<TomlFields> table(std::string_view key) const;
  // nullptr: it is not there.
  [[nodiscard]] const toml::array* array(std::string_view key) const;

  [[nodiscard]] const toml::table& node() const { return table_; }
  // "project.dependencies"
  [[nodiscard]] std::string name(std::string_view key) const;
  [[nodiscard]] std::string_view place() const { return place_; }

  // "pyproject.toml:7: <what>"
  [[noreturn]] void fail(const toml::node& node, std::string_view what) const;
  [[nodiscard]] TomlText text_of(const toml::node& node, std::string_view key) const;

 private:
  const toml::table& table_;
  std::string_view place_;
  std::string key_;
};

}  // namespace cas
