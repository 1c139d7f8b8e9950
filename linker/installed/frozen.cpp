#include "linker/installed/frozen.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "store/base/relpath.hpp"
#include "store/requirement/url_path.hpp"
#include "store/source/version.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

bool is_below_version_control(std::string_view directory) {
  for (; !directory.empty(); directory = parent_of(directory)) {
    for (const char* mark : {"/.git", "/.hg", "/.svn", "/.bzr"}) {
      if (stat_path(std::string(directory) + mark)) return true;
    }
  }
  return false;
}

FrozenRequirement frozen(const InstalledDistribution& one) {
  FrozenRequirement result{&one, {}, {}};
  if (!one.direct_url) {
    result.requirement = name_and_version(one);
  } else if (one.direct_url->kind == DirectUrl::Kind::directory && one.direct_url->editable) {
    const auto path = file_url_path(one.direct_url->url);
    const std::string location = path ? normal_path(*path) : one.direct_url->url;
    result.requirement = "-e " + printable(location);
    const bool controlled = path && is_below_version_control(location);
    result.comment = fmt::format("# Editable install {} ({})",
                                 controlled ? "whose version control was not asked" : "with no version control",
                                 name_and_version(one));
  } else {
    result.requirement = direct_reference(one);
  }
  return result;
}

}  // namespace

bool is_packaging_tool(const InstalledDistribution& distribution, const std::string& python_version) {
  const std::string& name = distribution.normalized;
  if (name == "pip") return true;
  if (name != "setuptools" && name != "wheel" && name != "distribute") return false;
  const auto version = Version::parse(python_version);
  return version && *version < *Version::parse("3.12");
}

std::string name_and_version(const InstalledDistribution& distribution) {
  const bool valid = Version::parse(distribution.version).has_value();
  return fmt::format("{}{}{}", distribution.name, valid ? "==" : "===", shown_version(distribution));
}

std::string direct_reference(const InstalledDistribution& distribution) {
  const DirectUrl& origin = *distribution.direct_url;
  std::string text = distribution.name + " @ ";
  std::string fragment;
  if (origin.kind == DirectUrl::Kind::version_control) {
    text += fmt::format("{}+{}@{}", origin.vcs, origin.url, origin.commit_id);
  } else {
    text += origin.url;
    fragment = origin.hash;
  }
  if (!origin.subdirectory.empty()) {
    fragment += (fragment.empty() ? "subdirectory=" : "&subdirectory=") + origin.subdirectory;
  }
  return fragment.empty() ? text : text + "#" + fragment;
}

std::vector<FrozenRequirement> frozen_requirements(const InstalledEnvironment& environment) {
  std::vector<FrozenRequirement> all;
  std::set<std::string_view> seen;
  for (const InstalledDistribution& one : environment.distributions) {
    if (seen.insert(one.normalized).second) all.push_back(frozen(one));
  }
  return all;
}

}  // namespace cas
