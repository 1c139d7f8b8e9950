// Requirements say which files they accept: whoever found the versions is held to that.
//
// A resolver takes hashes into its question and does not look at files that it need not open. So what it answers counts only as far as it
// fits them, and what is fetched is checked against the lock.
#pragma once

#include <string>

#include "store/pylock/pylock.hpp"
#include "store/requirement/marker.hpp"
#include "store/requirement/requirement_file.hpp"

namespace cas {

// Of the file's content.
[[nodiscard]] bool has_hash(const std::string& path, const RequirementHash& hash);

// Looks at files of this machine that requirements name with hashes: before anything of them is opened or built. Throws InvalidInput
// where one is another.
void refuse_other_files(const RequirementFiles& files, const MarkerEnvironment& environment);

// Leaves of each package the files that every requirement of it with hashes (--hash, or "#sha256=" in its URL) accepts. A file of which the lock
// has no hash gets the accepted SHA-256; else it must have one of those that are accepted when it has come (LockedFile::one_of), whatever an index
// says of it. An archive is held to "#md5=" and the like, too. Throws InvalidInput where
// nothing is left, where a directory or repository would have to have a hash, and, if all requirements are pinned by hashes, for a package that none of
// them names.
void hold_to_hashes(const RequirementFiles& files, const MarkerEnvironment& environment, bool no_dependencies,
                    Pylock& lock);

}  // namespace cas
