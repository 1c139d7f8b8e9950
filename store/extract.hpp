// From wheel files to objects: the parallel half of ingest.
//
// A few wheels are open at once; their members are handed to all workers in chunks, and a worker that finds no
// member left opens (and hashes) the next wheel. So small wheels are read in parallel with each other, and a large one by
// everybody; memory is bounded by the number of workers, not by the wheels.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/artifact_identity.hpp"
#include "store/base/package_model.hpp"
#include "store/ingest.hpp"
#include "store/objects/object_batch.hpp"

namespace cas {

struct ExtractedWheel {
  enum class State { waiting, known, extracted, refused };
  State state = State::waiting;
  std::size_t request = 0;  // index of the request
  ArtifactIdentity identity;
  std::optional<ListingDigests> listing;
  std::optional<Sha256Digest> assembled;  // see Manifest
  bool other_listing = false;             // than the request's
  PackageMetadata metadata;
  std::vector<PackageFile> files;  // in the wheel's order
  std::optional<PackageRow> known;
  bool lenient = false;  // opened with RecordPolicy::artifact_pinned
  std::vector<std::string> warnings;
  std::string error, error_hint;
};

// Reads the wheels `group` (indices into `requests`); new content lands in `batch`. Those that are too many to be held in
// memory together stay State::waiting, for the next call; one at least is read.
[[nodiscard]] std::vector<ExtractedWheel> extract_wheels(const Store& store, ObjectBatch& batch,
                                                         std::span<const WheelRequest> requests,
                                                         const std::vector<std::size_t>& group,
                                                         const IngestOptions& options, unsigned threads,
                                                         Progress& progress);

}  // namespace cas
