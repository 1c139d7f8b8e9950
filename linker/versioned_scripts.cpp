#include "linker/versioned_scripts.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "store/base/relpath.hpp"

namespace cas {
namespace {

constexpr std::string_view kDigits = "0123456789";

struct PythonNumbers {
  std::string major, both;  // "3", "3.12"
};

// Of "lib/python3.13t/site-packages", "lib/pypy3.10/site-packages".
std::optional<PythonNumbers> numbers_of(const EnvironmentLayout& layout) {
  std::string_view folder = name_of(parent_of(layout.site_packages));
  folder.remove_prefix(std::min(folder.find_first_of(kDigits), folder.size()));
  const std::size_t dot = folder.find_first_not_of(kDigits);
  if (dot == std::string_view::npos || dot == 0 || folder[dot] != '.') return std::nullopt;
  const std::size_t end = std::min(folder.find_first_not_of(kDigits, dot + 1), folder.size());
  if (end == dot + 1) return std::nullopt;
  return PythonNumbers{std::string(folder.substr(0, dot)), std::string(folder.substr(0, end))};
}

// Whether `rest` is "", or `separator` and a number like "3" or "3.12".
bool is_version_suffix(std::string_view rest, std::string_view separator) {
  if (rest.empty()) return true;
  if (!rest.starts_with(separator)) return false;
  rest.remove_prefix(separator.size());
  return !rest.empty() && kDigits.find(rest.front()) != std::string_view::npos &&
         rest.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool is_variant(std::string_view name, std::string_view base, std::string_view separator) {
  return name.starts_with(base) && is_version_suffix(name.substr(base.size()), separator);
}

}  // namespace

std::optional<std::vector<EntryPoint>> versioned_scripts(const PackageMetadata& metadata,
                                                         const EnvironmentLayout& layout) {
  const auto find = [&](std::string_view name) {
    return std::ranges::find(metadata.entry_points, name, &EntryPoint::name);
  };
  const auto pip = find("pip");
  const auto easy_install = find("easy_install");
  const auto none = metadata.entry_points.end();
  if (pip == none && easy_install == none) return std::nullopt;
  const auto numbers = numbers_of(layout);
  if (!numbers) return std::nullopt;

  std::vector<EntryPoint> entries;
  for (const EntryPoint& entry : metadata.entry_points) {
    if (pip != none && is_variant(entry.name, "pip", "")) continue;
    if (easy_install != none && is_variant(entry.name, "easy_install", "-")) continue;
    entries.push_back(entry);
  }
  const auto add = [&](const EntryPoint& like, std::string name) {
    entries.push_back(like);
    entries.back().name = std::move(name);
  };
  if (pip != none) {
    add(*pip, "pip");
    add(*pip, "pip" + numbers->major);
    add(*pip, "pip" + numbers->both);
  }
  if (easy_install != none) {
    add(*easy_install, "easy_install");
    add(*easy_install, "easy_install-" + numbers->both);
  }
  return entries;
}

}  // namespace cas
