#include "linker/locked/local_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/filesystem.hpp>
#include <string>
#include <vector>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/net/url.hpp"

namespace cas {
namespace {

namespace fs = boost::filesystem;

// "": of the network.
std::string path_at(const std::string& place) {
  const auto url = try_parse_url(place);
  if (url) return url->is_file() ? file_path(*url) : std::string();
  return place;
}

// By links as they are now: the resolver may have followed them, or not.
std::string real_path(const std::string& path) {
  boost::system::error_code error;
  const fs::path real = fs::weakly_canonical(path, error);
  return (error ? fs::path(path).lexically_normal() : real).string();
}

// The user's own: what lies below. Of a page that is a file, what it names beside itself.
std::vector<std::string> folders_of(const IndexPlaces& places) {
  std::vector<std::string> folders;
  for (const std::vector<std::string>* named : {&places.find_links, &places.indexes}) {
    for (const std::string& place : *named) {
      const std::string path = path_at(place);
      if (path.empty()) continue;
      const std::string real = real_path(path);
      boost::system::error_code error;
      folders.push_back((fs::is_directory(real, error) ? fs::path(real) : fs::path(real).parent_path()).string());
    }
  }
  return folders;
}

bool lies_in(const std::string& path, const std::vector<std::string>& folders) {
  return std::ranges::any_of(folders, [&](const std::string& folder) {
    return path.starts_with(folder.ends_with('/') ? folder : folder + "/");
  });
}

}  // namespace

void refuse_local_files(const Pylock& lock, const IndexPlaces& places) {
  std::vector<std::string> folders;
  const auto refuse = [&](const LockedPackage& package, const LockedFile& file) {
    const std::string path = file.path.empty() ? path_at(file.url) : file.path;
    if (path.empty()) return;
    if (folders.empty()) folders = folders_of(places);
    if (lies_in(real_path(path), folders)) return;
    throw InvalidInput(
        fmt::format("{}names a file of this machine for {}: {}",
                    package.index.empty() ? "an index, or a page of links, " : redacted_url(package.index) + " ",
                    printable(package.name), printable(path)),
        "name the file's folder with --find-links, where that is what you want");
  };
  for (const LockedPackage& package : lock.packages) {
    for (const LockedFile& wheel : package.wheels) refuse(package, wheel);
    if (package.sdist) refuse(package, *package.sdist);
  }
}

}  // namespace cas
