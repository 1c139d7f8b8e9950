#include "cli/option_sources.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// "": it was removed, and no project is there.
std::string current_directory() {
  try {
    return absolute_path(".");
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

OptionSources::OptionSources(const Context& context, const std::string& environment) : arguments_(context.arguments) {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
  };
  ToolSettings said = read_tool_settings(variable, {current_directory(), environment},
                                         arguments_.has("no-config") ? ToolFiles::left_out : ToolFiles::read);
  for (const std::string& warning : said.warnings) context.printer.warning(warning);
  tools_ = std::move(said.settings);
}

std::vector<FileSetting> OptionSources::settings(std::string_view option) const {
  std::vector<FileSetting> found = arguments_.settings(option);
  if (found.empty()) {
    std::ranges::copy_if(tools_, std::back_inserter(found), [&](const FileSetting& s) { return s.name == option; });
  }
  return found;
}

std::optional<FileSetting> OptionSources::setting(std::string_view option) const {
  std::vector<FileSetting> found = settings(option);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::optional<std::string> OptionSources::value(std::string_view option) const {
  if (auto value = arguments_.value(option)) return value;
  auto said = setting(option);
  return said ? std::optional(std::move(said->value)) : std::nullopt;
}

bool OptionSources::flag(std::string_view option) const {
  if (arguments_.has(option)) return true;
  const auto said = setting(option);
  return said && said->value == "true";
}

}  // namespace cas
