// Wheels whose digest is known, brought into the store.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "linker/locked/package_network.hpp"
#include "store/base/content_hash.hpp"
#include "store/base/digest.hpp"
#include "store/base/progress.hpp"
#include "store/ingest.hpp"
#include "store/store.hpp"

namespace cas {

struct WantedArtifact {
  std::string name;  // of the file
  Sha256Digest sha256;
  std::optional<std::uint64_t> size;
  std::string path;  // where it lies; "": it is fetched
  std::string url;
  std::optional<ListingDigests> listing{};  // what the lock says of it
  bool vouched = true;                      // by the digest; else that is only what the file at `path` has now
  ContentHashes hashes{};  // further ones that it must have where it is fetched or read, all of them strong
};

// "numpy 2.1.0", from the file's name; the whole name where it is no wheel's.
[[nodiscard]] std::string package_label(const WantedArtifact& wanted);

// The package that a wheel put together from parts becomes. REQUIRES: a listing.
[[nodiscard]] Sha256Digest assembled_identity(const WantedArtifact& wanted);

// Fetches what has to be fetched, as a whole or in parts, several at once, each hashed as it arrives, and ingests each while others are
// on their way. In the order of `wanted`, without what was collected again meanwhile (IngestResult::collected). Throws NotFound naming
// everything that is missing where the network may not be asked, InvalidInput for a wrong digest or a wheel that is refused, what the
// client throws. What was complete by then is in the store.
// A wheel put together from parts becomes another package than the whole one (assembled_identity()); where that fails, for whatever
// reason, the whole one is fetched.
[[nodiscard]] std::vector<IngestResult> fetch_artifacts(const Store& store, PackageNetwork& network,
                                                        std::span<const WantedArtifact> wanted,
                                                        const IngestOptions& options, Progress& progress);

}  // namespace cas
