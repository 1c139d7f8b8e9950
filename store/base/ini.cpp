#include "store/base/ini.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

constexpr std::string_view kBlank = " \t\r\f\v";

class IniReader {
 public:
  explicit IniReader(std::string_view place) : place_(place) {}

  void take_line(std::string_view raw) {
    ++number_;
    if (raw.find('\0') != std::string_view::npos) fail("a zero byte");
    const std::string_view line = trimmed(raw, kBlank);
    if (line.empty() || line.front() == '#' || line.front() == ';') return;
    const std::size_t indent = raw.find_first_not_of(kBlank);
    if (in_value_ && indent > indent_) {
      (settings_.back().value += '\n') += line;
      return;
    }
    indent_ = indent;
    in_value_ = false;
    const std::size_t bracket = line.front() == '[' ? line.rfind(']') : std::string_view::npos;
    if (bracket != std::string_view::npos && bracket > 1) {
      section_ = line.substr(1, bracket - 1);
      in_section_ = true;
    } else {
      take_setting(line);
    }
  }

  [[nodiscard]] std::vector<IniSetting> settings() && { return std::move(settings_); }

 private:
  void take_setting(std::string_view line) {
    const std::size_t separator = line.find_first_of("=:");
    if (!in_section_ || separator == std::string_view::npos || separator == 0) {
      fail("neither a section nor a setting", "lines are \"[section]\" and \"key = value\"");
    }
    const std::string key = lower_case(trimmed(line.substr(0, separator), kBlank));
    if (!seen_.emplace(section_, key).second) {
      fail(fmt::format("'{}' stands twice in [{}]", printable(key), printable(section_)));
    }
    settings_.push_back({section_, key, std::string(trimmed(line.substr(separator + 1), kBlank)), number_});
    in_value_ = true;
  }

  [[noreturn]] void fail(const std::string& what, const std::string& hint = {}) const {
    throw InvalidInput(fmt::format("{}:{}: {}", place_, number_, what), hint);
  }

  std::string_view place_;
  std::size_t number_ = 0;
  std::size_t indent_ = 0;
  std::string section_;
  bool in_section_ = false;
  bool in_value_ = false;  // a deeper line continues the last setting
  std::set<std::pair<std::string, std::string>> seen_;
  std::vector<IniSetting> settings_;
};

}  // namespace

std::vector<IniSetting> parse_ini(std::string_view text, std::string_view place) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  IniReader reader(place);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    reader.take_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(reader).settings();
}

}  // namespace cas
