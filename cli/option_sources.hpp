// What is said of an option, wherever that may be: on the command line, in cas.toml, by the settings of pip and uv.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"
#include "cli/tool_settings.hpp"

namespace cas {

// Of one option the first of these counts that says something. With --no-config no file is looked at.
class OptionSources {
 public:
  // `environment`: the directory of the virtual environment that is changed, "" for none. Prints what read_tool_settings() warns of; throws
  // what it throws.
  OptionSources(const Context& context, const std::string& environment);

  // One value.
  [[nodiscard]] std::optional<std::string> value(std::string_view option) const;
  [[nodiscard]] bool flag(std::string_view option) const;
  // Without the command line: the entries of a list; of one value that alone.
  [[nodiscard]] std::vector<FileSetting> settings(std::string_view option) const;
  [[nodiscard]] std::optional<FileSetting> setting(std::string_view option) const;

 private:
  const Arguments& arguments_;
  std::vector<FileSetting> tools_;
};

}  // namespace cas
