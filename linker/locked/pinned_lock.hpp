// Requirements that leave nothing open are a lock already: no resolver is asked what to install, only the index where it is.
#pragma once

#include <vector>

#include "store/package_index/index_client.hpp"
#include "store/pylock/pylock.hpp"
#include "store/requirement/marker.hpp"
#include "store/requirement/requirement_file.hpp"
#include "store/store.hpp"

namespace cas {

// It is none of a constraint's, and its marker holds.
[[nodiscard]] bool is_wanted(const ListedRequirement& listed, const MarkerEnvironment& environment);

// Each that holds in `environment` names one version and a SHA-256, and no location. Constraints do not count.
[[nodiscard]] bool is_fully_pinned(const RequirementFiles& files, const MarkerEnvironment& environment);

// A lock of exactly these files; those of a folder, which tells no hashes, are hashed (the store remembers it). Throws InvalidInput for each package of which the index has no file with one of the hashes, naming
// what it has.
[[nodiscard]] Pylock pinned_lock(const Store& store, const RequirementFiles& files,
                                 const MarkerEnvironment& environment, IndexClient& indexes);

}  // namespace cas
