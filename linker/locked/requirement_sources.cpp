#include "linker/locked/requirement_sources.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "store/base/error.hpp"
#include "store/requirement/project_file.hpp"
#include "store/requirement/url_path.hpp"
#include "store/source/version.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"
#include "store/sys/glob.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostProjectBytes = std::size_t{16} << 20;
constexpr std::array<std::string_view, 5> kArchives{".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz"};

std::string name_of_directory(const std::string& path) {
  const Fd directory = open_directory(path + "/.");
  const auto text = try_read_file_at(directory.get(), "pyproject.toml", kMostProjectBytes);
  if (!text) return {};
  try {
    return parse_project_file(*text, path + "/pyproject.toml").name;
  } catch (const InvalidInput&) {
    return {};  // whoever builds it says so
  }
}

// "NAME-VERSION.tar.gz": a version has no dash.
std::string name_of_archive(std::string_view location) {
  location = location.substr(0, location.find_first_of("?#"));
  const std::string_view file = location.substr(location.rfind('/') + 1);
  const std::size_t dash = file.rfind('-');
  const auto ending = std::ranges::find_if(kArchives, [&](std::string_view end) { return file.ends_with(end); });
  if (ending == kArchives.end() || dash == std::string_view::npos || dash + ending->size() >= file.size()) return {};
  const std::string_view name = file.substr(0, dash);
  const std::string_view version = file.substr(dash + 1, file.size() - ending->size() - dash - 1);
  return is_project_name(name) && Version::parse(version) ? normalize_name(name) : std::string();
}

}  // namespace

std::optional<std::string> local_path(const Requirement& requirement) {
  if (requirement.url.empty()) return std::nullopt;
  if (const auto path = file_url_path(requirement.url.substr(0, requirement.url.find('#'))))
    return absolute_path(*path);
  if (!url_scheme(requirement.url).empty()) return std::nullopt;
  return absolute_path(requirement.url);
}

std::string name_of_sources(const Requirement& requirement) {
  if (requirement.url.empty() || !requirement.normalized.empty()) {
    return requirement.url.empty() ? std::string() : requirement.normalized;
  }
  const auto path = local_path(requirement);
  if (path && kind_of_path(*path) == PathKind::directory) return name_of_directory(*path);
  return name_of_archive(path ? *path : requirement.url);
}

}  // namespace cas
