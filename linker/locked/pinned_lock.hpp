// Requirements that leave nothing open are a lock already: no resolver is asked what to install, only the index where it is.
#pragma once

#include <optional>
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

// The same of what the store has: their digests say that these are the files meant. nullopt where it lacks one, or has it as it came
// from sources or parts alone. For those who may not ask an index: one may have a wheel that fits better.
[[nodiscard]] std::optional<Pylock> pinned_lock_of_store(const Store& store, const RequirementFiles& files,
                                                         const MarkerEnvironment& environment);

}  // namespace cas
