#include "store/requirement/tool_setting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

constexpr std::string_view kBlank = " \t\r\n\f\v";

// As pip's strtobool() has it.
std::string switch_value(const ToolSetting& said) {
  const std::string word = lower_case(said.value);
  for (const std::string_view yes : {"y", "yes", "t", "true", "on", "1"}) {
    if (word == yes) return "true";
  }
  for (const std::string_view no : {"n", "no", "f", "false", "off", "0"}) {
    if (word == no) return "false";
  }
  throw InvalidInput(fmt::format("{}: {} is on or off, not '{}'", said.place, said.name, printable(said.value)));
}

}  // namespace

void add_setting(const KnownSetting& known, ToolSetting said, std::string_view separators,
                 std::vector<ToolSetting>& settings) {
  said.name = known.name;
  said.value = std::string(trimmed(said.value, kBlank));
  if (said.value.empty()) return;
  if (said.value.find('\0') != std::string::npos)
    throw InvalidInput(fmt::format("{}: {} has a zero byte in it", said.place, said.name));
  if (known.form == SettingForm::flag) said.value = switch_value(said);
  if (known.form != SettingForm::list) {
    settings.push_back(std::move(said));
    return;
  }
  const std::string text = std::move(said.value);
  for (std::size_t at = 0; (at = text.find_first_not_of(separators, at)) != std::string::npos;) {
    const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
    said.value = text.substr(at, end - at);
    settings.push_back(said);
    at = end;
  }
}

}  // namespace cas
