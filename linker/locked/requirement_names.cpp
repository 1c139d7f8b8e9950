#include "linker/locked/requirement_names.hpp"

#include "linker/locked/lock_credentials.hpp"
#include "linker/locked/requirement_sources.hpp"
#include "store/net/url.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

bool comes_from(const LockedPackage& package, const Requirement& requirement) {
  if (requirement.url.empty()) return false;
  const std::string whole = without_credentials(requirement.url);
  const std::string url = whole.substr(0, whole.find('#'));
  if (package.vcs) return url.starts_with("git+" + package.vcs->url);
  const auto path = local_path(requirement);
  if (package.directory) return path && absolute_path(package.directory->path) == *path;
  if (!package.archive) return false;
  if (!path) return package.archive->url == url;
  const auto archive = try_parse_url(package.archive->url);
  return *path == (archive && archive->is_file() ? file_path(*archive) : package.archive->path);
}

}  // namespace

std::vector<std::string> names_of(const Requirement& requirement, const Pylock& lock) {
  if (!requirement.normalized.empty()) return {requirement.normalized};
  // A location without a name: the package that comes from there.
  std::vector<std::string> names;
  for (const LockedPackage& package : lock.packages) {
    if (comes_from(package, requirement)) names.push_back(package.name);
  }
  return names;
}

}  // namespace cas
