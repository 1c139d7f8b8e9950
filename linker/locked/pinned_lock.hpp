// Requirements that leave nothing open are a lock already: no resolver is asked what to install, only the index where it is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "linker/interpreter.hpp"
#include "store/package_index/index_client.hpp"
#include "store/pylock/pylock.hpp"
#include "store/requirement/marker.hpp"
#include "store/requirement/requirement_file.hpp"
#include "store/store.hpp"

namespace cas {

// It is none of a constraint's, and its marker holds.
[[nodiscard]] bool is_wanted(const ListedRequirement& listed, const MarkerEnvironment& environment);

// Each that holds in `environment` names one version, or an archive on the network, and a hash; and one has it by --hash, for which pip, too, then
// wants it of all. Constraints do not count.
[[nodiscard]] bool is_fully_pinned(const RequirementFiles& files, const MarkerEnvironment& environment);

struct PinnedLock {
  Pylock lock;
  std::vector<std::string> warnings;  // "file:line: …": what was chosen although its index took it back (PEP 592)
};

// A lock of exactly these files; those of a folder, which tells no hashes, are hashed (the store remembers it). As pip chooses: a file of which
// an index tells no SHA-256 may be any of those that the requirement accepts (LockedFile::one_of where they are several), and is checked when
// it arrives; one that is not for this Python does not count; one that was taken back (yanked) only where the interpreter has no other. Throws
// InvalidInput for each package of which the index has no such file, naming what it has, and where a constraint allows another version only.
[[nodiscard]] PinnedLock pinned_lock(const Store& store, const RequirementFiles& files,
                                     const MarkerEnvironment& environment, const InterpreterFacts& facts,
                                     IndexClient& indexes);

// The same of what the store has: their digests say that these are the files meant. nullopt where it lacks one, or has it as it came
// from sources or parts alone. For those who may not ask an index: one may have a wheel that fits better.
[[nodiscard]] std::optional<Pylock> pinned_lock_of_store(const Store& store, const RequirementFiles& files,
                                                         const MarkerEnvironment& environment);

}  // namespace cas
