// What has to be built, and how it becomes a tree on disk.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "linker/locked/package_network.hpp"
#include "store/base/content_hash.hpp"
#include "store/base/digest.hpp"
#include "store/base/progress.hpp"
#include "store/store.hpp"
#include "store/sys/publish.hpp"

namespace cas {

enum class SourceKind { archive, directory, git };

struct ProjectSource {
  SourceKind kind = SourceKind::archive;
  std::string name;                    // of the package, normalized
  std::string version;                 // "" where only the sources tell
  std::string file_name;               // of the archive
  std::string path;                    // of archive or directory, absolute; "": `url`
  std::string url;                     // of archive or repository
  std::optional<Sha256Digest> sha256;  // of the archive; set where it comes from `url`
  ContentHashes hashes{};              // further ones of the archive, all of them strong
  std::string commit;                  // in the repository, complete
  std::string subdirectory;            // where the project lies in it; "" at its root
  bool editable = false;

  // "foo 1.0", for people.
  [[nodiscard]] std::string label() const { return version.empty() ? name : name + " " + version; }
};

// What is wrong with the file's content ("has sha512 ..., not the ... it must have"); nullopt: it has all of the hashes.
[[nodiscard]] std::optional<std::string> content_problem(const std::string& path, const ContentHashes& hashes);
// Throws InvalidInput where there is something.
void refuse_other_content(const std::string& path, const ContentHashes& hashes);

// The directory of the project. Archives and repositories are fetched, checked and unpacked below `scratch`. Throws InvalidInput for a wrong digest or a
// hostile archive, NotFound offline, Error with git's words.
[[nodiscard]] std::string obtain_tree(const Store& store, PackageNetwork& network, const ProjectSource& source,
                                      const StagingDirectory& scratch, std::chrono::seconds limit, Progress& progress);

}  // namespace cas
