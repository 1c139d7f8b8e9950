// What a lock says of a package that has to be built.
#pragma once

#include <optional>
#include <string>

#include "linker/build/project_source.hpp"
#include "store/base/built_from.hpp"
#include "store/pylock/pylock.hpp"
#include "store/store.hpp"

namespace cas {

struct LockedSources {
  ProjectSource source;
  std::string direct_url;               // "" for what was chosen by name
  std::optional<BuiltFrom> built_from;  // of an sdist, which was
};

// A file that is only vouched for by hashes that somebody can forge, as pip calls them under --require-hashes: throws InvalidInput.
void refuse_weak_hashes(const LockedFile& file, const std::string& place);

// `place`: the lock, for messages; `directory`: that its relative paths begin at. REQUIRES: the package has an sdist, archive, directory or vcs. Throws InvalidInput
// where a file that has to be fetched has no SHA-256, UsageError for version control that is not git.
[[nodiscard]] LockedSources locked_sources(const Store& store, const LockedPackage& package, const std::string& place,
                                           const std::string& directory);

}  // namespace cas
