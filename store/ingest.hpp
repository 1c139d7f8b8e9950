// The one place where the outside enters the store.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/base/byte_ranges.hpp"
#include "store/base/digest.hpp"
#include "store/base/package_model.hpp"
#include "store/base/progress.hpp"
#include "store/bytecode.hpp"
#include "store/source/source.hpp"
#include "store/store.hpp"

namespace cas {

class WheelFeed;

struct WheelRequest {
  std::string path;                    // of the wheel file
  std::optional<Sha256Digest> pinned;  // its SHA-256, where the user, a lock or an index vouches for it
  // What a lock says of its listing. A whole wheel that has another is accepted with a warning, because its own digest is right.
  std::optional<ListingDigests> listing{};
  // Only these bytes of it are there; the package gets assembled_identity(). What is missing must be in the store by the digests of
  // RECORD. Together with `pinned` and `listing` only.
  const ByteRanges* parts = nullptr;
  // The caller wrote the file itself, into the store's staging directory, and `pinned` is the digest of what it wrote (or all of it are
  // parts): it is not read again to hash it, and is removed as soon as it was ingested, or refused.
  bool own_scratch = false;
};

enum class RecordStrictness {
  pinned_may_differ,  // a wrong hash in RECORD of a wheel whose own SHA-256 was pinned is a warning
  always              // --strict-record
};

// What of a wheel that the store has already.
enum class KnownWheels {
  believed,     // it is there
  looked_after  // one look at each of its objects; those that were changed in place, or are gone, are read again
};

struct IngestOptions {
  RecordStrictness record = RecordStrictness::pinned_may_differ;
  KnownWheels known = KnownWheels::believed;
  unsigned threads = 0;  // 0: as many as CPUs
};

// What became of one wheel.
struct IngestResult {
  std::string path;
  Sha256Digest artifact;
  std::string name;  // as METADATA spells it
  std::string normalized_name;
  std::string version;
  std::string file_name;
  bool already = false;                        // the store had the package
  std::uint64_t files = 0, bytes = 0;          // its content
  std::uint64_t new_files = 0, new_bytes = 0;  // of that, what the store did not have
  std::uint64_t artifact_bytes = 0;
  // Of a wheel put together from parts: bytes that were fetched instead of the artifact's. Filled in by who fetched them.
  std::optional<std::uint64_t> fetched_bytes;
  std::vector<std::string> warnings;
  // Nothing was added: what it shares with other packages was collected meanwhile, and its file, own scratch, is gone.
  bool collected = false;
  std::string error;  // "" or why it was refused: nothing of it remains
  std::string error_hint;
};

// Ingests every wheel, in parallel. A wheel that is refused does not stop the others: its result says why. Results are
// in the order of the requests. Throws what concerns all of them (SystemError such as ENOSPC, Interrupted).
[[nodiscard]] std::vector<IngestResult> ingest_wheels(const Store& store, std::span<const WheelRequest> wheels,
                                                      const IngestOptions& options, Progress& progress);

// The same for wheels that are still on their way (store/wheel_feed.hpp); results are in the order in which they came. What is there is
// committed together: when nothing more will come, when it is much, and when nothing has come for a while. Throws the feed's failure,
// too, after everything before it was committed.
[[nodiscard]] std::vector<IngestResult> ingest_wheels(const Store& store, WheelFeed& feed, const IngestOptions& options,
                                                      Progress& progress);

// Ingests one source that is no archive (an interpreter's tree). Its artifact digest is that of its metadata's file name and
// of all entries with their content. Throws what reading it throws.
[[nodiscard]] IngestResult ingest_source(const Store& store, const Source& source, unsigned threads,
                                         Progress& progress);

// Puts small generated files into the store and records a plan that stands on them and on `artifacts`, in one
// transaction. false: an artifact is no longer in the index, and nothing was recorded.
// The caller holds a published root for the artifacts.
struct GeneratedObject {
  ObjectId id;
  std::string_view bytes;
};
// `bytecode`: what was compiled for the plan, and all that it links (store/bytecode.hpp); committed in the same transaction. When
// some of it has been collected meanwhile nothing is recorded, BytecodeBatch::collected() is set, and the result is false, too.
[[nodiscard]] bool record_plan(const Store& store, const Sha256Digest& key, std::span<const Sha256Digest> artifacts,
                               std::span<const GeneratedObject> generated,
                               const std::function<std::string(const ReadTxn&, const Schema&)>& encode_body,
                               BytecodeBatch* bytecode = nullptr);

}  // namespace cas
