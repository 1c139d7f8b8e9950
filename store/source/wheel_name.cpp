#include "store/source/wheel_name.hpp"

#include <algorithm>
#include <vector>

#include "store/base/text.hpp"
#include "store/source/fault.hpp"

namespace cas {
namespace {

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Compressed tag sets: one or more tags joined by single dots.
bool is_tag_set(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.' || text.find("..") != std::string_view::npos)
    return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '_' || c == '.'; });
}

bool is_build_tag(std::string_view text) {
  return !text.empty() && text.front() >= '0' && text.front() <= '9' &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '_' || c == '.'; });
}

}  // namespace

WheelName parse_wheel_name(const std::string& file_name) {
  constexpr std::string_view kSuffix = ".whl";
  if (const auto problem = component_problem(file_name)) throw_fault(file_name, *problem);
  std::string_view stem = file_name;
  if (!stem.ends_with(kSuffix)) throw_fault(file_name, "is not a wheel's file name (does not end in .whl)");
  stem.remove_suffix(kSuffix.size());
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t dash = stem.find('-');
    parts.push_back(stem.substr(0, dash));
    if (dash == std::string_view::npos) break;
    stem.remove_prefix(dash + 1);
  }
  if (parts.size() != 5 && parts.size() != 6) {
    throw_fault(file_name, "is not a wheel's file name (name-version[-build]-python-abi-platform.whl)");
  }
  if (!is_project_name(parts[0])) throw_fault(file_name, "does not begin with a valid project name");
  std::optional<Version> version = parse_escaped_version(parts[1]);
  if (!version) throw_fault(file_name, fmt::format("'{}' is not a valid version", printable(parts[1])));
  const bool has_build = parts.size() == 6;
  if (has_build && !is_build_tag(parts[2])) {
    throw_fault(file_name, fmt::format("'{}' is not a valid build tag", printable(parts[2])));
  }
  const std::size_t tags = has_build ? 3 : 2;
  for (std::size_t i = tags; i < parts.size(); ++i) {
    if (!is_tag_set(parts[i])) throw_fault(file_name, fmt::format("'{}' is not a valid tag", printable(parts[i])));
  }
  WheelName name;
  name.file_name = file_name;
  name.distribution = parts[0];
  name.normalized = normalize_name(parts[0]);
  name.version_text = parts[1];
  name.version = std::move(*version);
  if (has_build) name.build = parts[2];
  name.python_tags = parts[tags];
  name.abi_tags = parts[tags + 1];
  name.platform_tags = parts[tags + 2];
  return name;
}

std::string normalize_name(std::string_view name) {
  std::string out;
  bool separator = false;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == '.') {
      separator = true;
      continue;
    }
    if (separator) out += '-';
    separator = false;
    out += lower_case(c);
  }
  if (separator) out += '-';
  return out;
}

bool is_project_name(std::string_view name) {
  return !name.empty() && is_alphanumeric(name.front()) && is_alphanumeric(name.back()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

std::optional<Version> parse_escaped_version(std::string_view text) {
  std::optional<Version> version = Version::parse(text);
  if (version || text.find('_') == std::string_view::npos) return version;
  std::string spelled(text);
  std::replace(spelled.begin(), spelled.end(), '_', '-');
  return Version::parse(spelled);
}

}  // namespace cas
