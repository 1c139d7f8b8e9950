#include "linker/locked/lock_paths.hpp"

#include <boost/filesystem/path.hpp>
#include <set>

#include "linker/locked/requirement_sources.hpp"
#include "store/net/url.hpp"
#include "store/requirement/url_path.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// "": none.
std::string path_of(const LockedPackage& package) {
  if (package.directory) return package.directory->path;
  if (!package.archive) return {};
  if (!package.archive->path.empty()) return package.archive->path;
  const auto url = try_parse_url(package.archive->url);
  return url && url->is_file() ? file_path(*url) : std::string();
}

}  // namespace

void make_named_paths_relative(Pylock& lock, const std::vector<ListedRequirement>& requirements,
                               const std::string& directory) {
  std::set<std::string> named;
  for (const ListedRequirement& listed : requirements) {
    const std::string& url = listed.requirement.url;
    const bool relative = !url.empty() && !url.starts_with('/') && url_scheme(url).empty();
    const auto path = relative && !listed.constraint ? local_path(listed.requirement) : std::nullopt;
    if (path) named.insert(*path);
  }
  for (LockedPackage& package : lock.packages) {
    const std::string path = path_of(package);
    if (path.empty() || !named.contains(absolute_path(path))) continue;
    const std::string from_lock =
        boost::filesystem::path(absolute_path(path)).lexically_relative(directory).generic_string();
    if (package.directory) {
      package.directory->path = from_lock;
    } else {
      package.archive->path = from_lock;
      package.archive->url.clear();
    }
  }
}

}  // namespace cas
