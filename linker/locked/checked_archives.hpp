// Archives that requirements name by address and hash, before whoever finds versions runs their code to learn what they require.
#pragma once

#include <string>

#include "linker/locked/package_network.hpp"
#include "store/base/progress.hpp"
#include "store/requirement/marker.hpp"
#include "store/requirement/requirement_file.hpp"
#include "store/store.hpp"

namespace cas {

// The requirement's URL. Of a source archive elsewhere that has to have one hash, with that hash in it ("#sha256=…"): a resolver looks at hashes there
// before it opens the archive, and at --hash too late.
[[nodiscard]] std::string url_with_hash(const ListedRequirement& listed);

// Of those that may have one of several hashes, which no URL can say, only the SHA-256 is left that the archive has: they are fetched. Throws InvalidInput
// where one has none of them, NotFound offline, what the client throws.
[[nodiscard]] RequirementFiles with_checked_archives(const Store& store, PackageNetwork& network,
                                                     RequirementFiles files, const MarkerEnvironment& environment,
                                                     Progress& progress);

}  // namespace cas
