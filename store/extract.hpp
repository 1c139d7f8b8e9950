// From wheel files to objects: the parallel half of ingest.
//
// A few wheels are open at once; their members are handed to all workers in chunks, and a worker that finds no
// member left opens (and hashes) the next wheel. So small wheels are read in parallel with each other, and a large one by
// everybody; memory is bounded by the number of workers, not by the wheels.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "store/artifact_identity.hpp"
#include "store/base/package_model.hpp"
#include "store/ingest.hpp"
#include "store/objects/object_batch.hpp"
#include "store/packages/manifest.hpp"
#include "store/wheel_feed.hpp"

namespace cas {

struct ExtractedWheel {
  // below: a base store has it, and nothing was read.
  enum class State { waiting, known, below, extracted, refused };
  State state = State::waiting;
  std::size_t request = 0;  // its number in the feed
  ArtifactIdentity identity;
  std::optional<ListingDigests> listing;
  std::optional<Sha256Digest> assembled;  // see Manifest
  bool other_listing = false;             // than the request's
  PackageMetadata metadata;
  std::vector<PackageFile> files;  // in the wheel's order
  std::optional<PackageRow> known;
  bool lenient = false;         // opened with RecordPolicy::artifact_pinned
  bool record_differs = false;  // see PackageRow; of one that was taken over
  std::vector<std::string> warnings;
  std::string error, error_hint;
};

// A package of another store, as if it had just been extracted: what commit_group() makes of it has the same manifest.
[[nodiscard]] ExtractedWheel as_extracted(Manifest manifest);

// Whether the package in the store is what this wheel would be judged to be: not one that is known under another name (which says what it
// fits), or only because its digest was pinned.
[[nodiscard]] bool stands_for(const PackageRow& known, const ExtractedWheel& wheel, std::string_view path);

// Reads the wheels of `feed`; new content lands in `batch`. Ends when it is exhausted, when no further wheel can be held in memory
// together with these (one at least is read), and when some were read and nothing has come for a second. Those that were taken and
// must be taken again stay State::waiting. `given_up`: what is not to be had from base stores although they name it.
[[nodiscard]] std::deque<ExtractedWheel> extract_wheels(const Store& store, ObjectBatch& batch, WheelFeed& feed,
                                                        const IngestOptions& options, unsigned threads,
                                                        const std::unordered_set<Sha256Digest>& given_up,
                                                        Progress& progress);

}  // namespace cas
