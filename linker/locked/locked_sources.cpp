#include "linker/locked/locked_sources.hpp"

#include <fmt/format.h>

#include "linker/direct_url.hpp"
#include "store/artifact_identity.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/net/url.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

std::string absolute_in(const std::string& directory, const std::string& path) {
  return absolute_path(path.starts_with('/') ? path : directory + "/" + path);
}

LockedSources of_archive(const Store& store, const LockedPackage& package, const LockedFile& file,
                         const std::string& place, const std::string& directory) {
  LockedSources result;
  refuse_weak_hashes(file, place);
  ProjectSource& source = result.source;
  source.kind = SourceKind::archive;
  source.hashes = further_strong_hashes(file.hashes);
  source.file_name = file.name;
  source.subdirectory = file.subdirectory;
  source.sha256 = file.sha256();
  source.url = file.url;
  const auto url = try_parse_url(file.url);
  if (!file.path.empty()) {
    source.path = absolute_in(directory, file.path);
  } else if (url && url->is_file()) {
    source.path = file_path(*url);
  }
  if (!source.sha256) {
    if (source.path.empty()) {
      throw InvalidInput(fmt::format("{}: {} has no sha256 hash", place, printable(file.name)),
                         "lock it again with SHA-256 hashes");
    }
    const Fd opened = open_user_file(source.path);
    source.sha256 = identify_artifact(opened.get(), source.path, store.index()).digest;
  }
  if (package.archive) {
    result.direct_url = source.path.empty()
                            ? archive_direct_url(parse_url(file.url), *source.sha256, source.subdirectory)
                            : archive_direct_url(source.path, *source.sha256, source.subdirectory);
  } else {
    result.built_from =
        BuiltFrom{file.name, source.path.empty() ? parse_url(file.url).text() : file_url(source.path), *source.sha256};
  }
  return result;
}

LockedSources of_directory(const LockedDirectory& locked, const std::string& directory) {
  LockedSources result;
  result.source.kind = SourceKind::directory;
  result.source.path = absolute_in(directory, locked.path);
  result.source.subdirectory = locked.subdirectory;
  result.source.editable = locked.editable;
  result.direct_url =
      directory_direct_url(result.source.path, locked.editable ? Editable::yes : Editable::no, locked.subdirectory);
  return result;
}

LockedSources of_repository(const LockedPackage& package, const LockedVcs& locked, const std::string& place,
                            const std::string& directory) {
  if (locked.type != "git") {
    throw UsageError(
        fmt::format("{}: {} comes from {}, and only git is known here", place, package.name, printable(locked.type)),
        "check it out, and name the directory");
  }
  LockedSources result;
  result.source.kind = SourceKind::git;
  result.source.url = locked.url.empty() ? file_url(absolute_in(directory, locked.path)) : locked.url;
  result.source.commit = locked.commit_id;
  result.source.subdirectory = locked.subdirectory;
  result.direct_url =
      git_direct_url(result.source.url, locked.requested_revision, locked.commit_id, locked.subdirectory);
  return result;
}

}  // namespace

void refuse_weak_hashes(const LockedFile& file, const std::string& place) {
  if (has_strong_hash(file.hashes)) return;
  std::string names;
  for (const auto& [algorithm, digits] : file.hashes) names += (names.empty() ? "" : ", ") + printable(algorithm);
  throw InvalidInput(
      fmt::format("{}: {} has no hash but {}, which vouches for nothing", place, printable(file.name), names),
      "lock it again with SHA-256 hashes");
}

LockedSources locked_sources(const Store& store, const LockedPackage& package, const std::string& place,
                             const std::string& directory) {
  LockedSources result =
      package.vcs ? of_repository(package, *package.vcs, place, directory)
      : package.directory
          ? of_directory(*package.directory, directory)
          : of_archive(store, package, package.archive ? *package.archive : package.sdist.value(), place, directory);
  result.source.name = package.name;
  result.source.version = package.version;
  return result;
}

}  // namespace cas
