// Requirements say which files they accept: whoever found the versions is held to that.
//
// A resolver takes hashes into its question and does not look at files that it need not open. So what it answers counts only as far as it
// fits them, and what is fetched is checked against the lock.
#pragma once

#include "store/pylock/pylock.hpp"
#include "store/requirement/marker.hpp"
#include "store/requirement/requirement_file.hpp"

namespace cas {

// Looks at files of this machine that requirements name with hashes: before anything of them is opened or built. Throws InvalidInput
// where one is another.
void refuse_other_files(const RequirementFiles& files, const MarkerEnvironment& environment);

// Leaves of each package the files that every requirement of it with hashes (--hash, or "#sha256=" in its URL) accepts. A file of which the lock
// has no hash of that kind gets the accepted one, where there is only one, and is checked when it arrives. Throws InvalidInput where
// nothing is left, where a directory or repository would have to have a hash, and, if all requirements are pinned by hashes, for a package that none of
// them names.
void hold_to_hashes(const RequirementFiles& files, const MarkerEnvironment& environment, bool no_dependencies,
                    Pylock& lock);

}  // namespace cas
