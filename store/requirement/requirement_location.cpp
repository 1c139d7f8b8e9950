#include "store/requirement/requirement_location.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/requirement/cursor.hpp"
#include "store/requirement/url_path.hpp"
#include "store/source/wheel_name.hpp"

namespace cas {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::array<std::string_view, 12> kArchives{".whl",    ".zip", ".tar.gz", ".tgz", ".tar",    ".tar.bz2",
                                                     ".tar.xz", ".tbz", ".txz",    ".tlz", ".tar.lz", ".tar.lzma"};

bool looks_like_path(std::string_view text) {
  return text.find('/') != std::string_view::npos || text.starts_with('.');
}

bool is_archive_name(std::string_view text) {
  const std::string name = lower_case(text);
  return std::any_of(kArchives.begin(), kArchives.end(),
                     [&name](std::string_view end) { return name.size() > end.size() && name.ends_with(end); });
}

// "path[a,b]" as "path" and "[a,b]".
std::pair<std::string_view, std::string_view> without_extras(std::string_view text) {
  if (!text.ends_with(']')) return {text, {}};
  const std::size_t open = text.rfind('[');
  if (open == std::string_view::npos || open == 0 || open + 2 == text.size()) return {text, {}};
  return {trimmed(text.substr(0, open), kBlanks), text.substr(open)};
}

// `name @ url`, where the name is not a path with an "@" in it.
bool has_direct_url(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && !looks_like_path(text.substr(0, at));
}

// "egg" of "…#egg=name[a,b]" and "…#subdirectory=x&egg=name": a part of `url`.
std::optional<std::string_view> egg_of(std::string_view url) {
  for (const std::string_view key : {"#egg=", "&egg="}) {
    const std::size_t found = url.find(key);
    if (found == std::string_view::npos) continue;
    const std::string_view egg = url.substr(found + key.size());
    return egg.substr(0, egg.find('&'));
  }
  return std::nullopt;
}

// Extras that stand in the URL go where all others stand: whoever builds from it knows only names there.
void take_extras_of_egg(Requirement& requirement) {
  const auto egg = egg_of(requirement.url);
  const std::size_t open = egg ? egg->find('[') : std::string_view::npos;
  if (open == std::string_view::npos) return;
  std::vector<std::string>& extras = requirement.extras;
  std::ranges::move(parse_extras(egg->substr(open)), std::back_inserter(extras));
  std::ranges::sort(extras);
  extras.erase(std::unique(extras.begin(), extras.end()), extras.end());
  const auto begin = static_cast<std::size_t>(egg->data() - requirement.url.data()) + open;
  requirement.url.erase(begin, egg->size() - open);
}

std::string egg_name(std::string_view url) {
  const auto name = egg_of(url);
  if (name && !is_project_name(*name)) {
    throw UsageError(fmt::format("'{}': egg={} is not a package's name", printable(url), printable(*name)),
                     "write `name[extra] @ URL`");
  }
  return std::string(name.value_or(""));
}

Requirement located(std::string_view location, std::string_view extras) {
  Requirement requirement;
  requirement.url = location;
  if (!extras.empty()) requirement.extras = parse_extras(extras);
  if (!url_scheme(location).empty()) {
    take_extras_of_egg(requirement);
    requirement.name = egg_name(requirement.url);
  }
  requirement.normalized = normalize_name(requirement.name);
  return requirement;
}

// `name @ url`.
Requirement direct(std::string_view text) {
  Requirement requirement = parse_requirement(text);
  take_extras_of_egg(requirement);
  return requirement;
}

}  // namespace

Requirement parse_requirement_or_location(std::string_view text) {
  [[maybe_unused]] const Cursor checked("requirement", text);  // its size, and that it has no control characters
  text = trimmed(text, kBlanks);
  const bool url = is_url(text);
  // A URL may have a ";" in it.
  const std::size_t semicolon = text.find(url ? "; " : ";");
  const std::string_view what = trimmed(text.substr(0, semicolon), kBlanks);
  const std::string_view marker =
      semicolon == std::string_view::npos ? std::string_view() : trimmed(text.substr(semicolon + 1), kBlanks);
  const auto [location, extras] = url ? std::pair(what, std::string_view()) : without_extras(what);
  if (url || (!has_direct_url(what) && (looks_like_path(what) || is_archive_name(location)))) {
    Requirement requirement = located(location, extras);
    if (!marker.empty()) requirement.marker = Marker::parse(marker);
    return requirement;
  }
  if (has_direct_url(what)) return direct(marker.empty() ? std::string(what) : fmt::format("{} ; {}", what, marker));
  return parse_requirement(marker.empty() ? what : text);
}

Requirement parse_editable(std::string_view text) {
  [[maybe_unused]] const Cursor checked("editable requirement", text);
  text = trimmed(text, kBlanks);
  if (has_direct_url(text) && !is_url(text)) {
    Requirement requirement = direct(text);
    if (!is_version_control_url(requirement.url) && url_scheme(requirement.url) != "file") {
      throw UsageError(fmt::format("'{}' cannot be editable", printable(text)),
                       "its URL must be one of version control (git+https://…) or begin with file:");
    }
    return requirement;
  }
  std::string location(text);
  for (const std::string_view system : {"git:", "hg:", "svn:", "bzr:"}) {
    if (lower_case(text).starts_with(system))
      location.insert(0, std::string(system.substr(0, system.size() - 1)) + '+');
  }
  if (is_version_control_url(location)) {
    Requirement requirement = located(location, {});
    if (requirement.name.empty()) {
      throw UsageError(fmt::format("'{}' does not say which package it is", printable(text)), "write `name @ URL`");
    }
    return requirement;
  }
  if (is_url(location) && url_scheme(location) != "file") {
    throw UsageError(fmt::format("'{}' cannot be editable", printable(text)),
                     "name a directory, or a URL of version control (git+https://…#egg=name)");
  }
  if (location.empty()) throw UsageError("-e names nothing", "name a directory, or a URL of version control");
  const auto [path, extras] = without_extras(location);
  return located(path, extras);
}

}  // namespace cas
