#include "store/ingest.hpp"

#include <fmt/format.h>

#include <numeric>
#include <unordered_set>

#include "store/base/codec.hpp"
#include "store/base/crc32.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/pool.hpp"
#include "store/base/timing.hpp"
#include "store/extract.hpp"
#include "store/ingest_commit.hpp"
#include "store/objects/object_batch.hpp"
#include "store/packages/packages.hpp"
#include "store/sys/file.hpp"
#include "store/take_over.hpp"
#include "store/unsynced.hpp"
#include "store/wheel_feed.hpp"

namespace cas {
namespace {

constexpr int kMaxRounds = 10;

void fill_result(IngestResult& result, const ExtractedWheel& wheel) {
  result.artifact = wheel.identity.digest;
  result.artifact_bytes = wheel.identity.bytes;
  result.warnings = wheel.warnings;
  if (wheel.other_listing) {
    result.warnings.emplace_back(
        "the lock's tool.cas names another RECORD or central directory; the wheel has the digest it must have: lock "
        "again");
  }
  result.error = wheel.error;
  result.error_hint = wheel.error_hint;
  result.already = wheel.state == ExtractedWheel::State::known;
  result.name = wheel.metadata.name;
  result.normalized_name = wheel.metadata.normalized_name;
  result.version = wheel.metadata.version;
  result.file_name = wheel.metadata.file_name;
  if (wheel.known) {
    result.name = wheel.known->name;
    result.normalized_name = wheel.known->normalized_name;
    result.version = wheel.known->version;
    result.file_name = wheel.known->file_name;
    result.files = wheel.known->files;
    result.bytes = wheel.known->content_bytes;
    return;
  }
  result.files = wheel.files.size();
  for (const PackageFile& file : wheel.files) result.bytes += file.size;
}

// The identity of what has no archive: its name, and every file's place and content.
Sha256Digest content_digest(const ExtractedWheel& package) {
  std::string text = "cas tree 1\n";
  ByteWriter out(text);
  out.string(package.metadata.file_name);
  for (const PackageFile& file : package.files) {
    out.u8(static_cast<std::uint8_t>(file.scheme));
    out.u8(static_cast<std::uint8_t>(file.kind));
    out.string(file.path);
    out.object(file.object);
  }
  return sha256(text);
}

// Together, when all were looked at. What cannot be had is read from the wheel after all.
void take_over_below(const Store& store, std::deque<ExtractedWheel>& wheels, const WheelFeed& feed, unsigned threads,
                     std::unordered_set<Sha256Digest>& given_up) {
  std::vector<Sha256Digest> wanted;
  std::vector<const ArtifactIdentity*> identities;
  for (const ExtractedWheel& wheel : wheels) {
    if (wheel.state != ExtractedWheel::State::below) continue;
    wanted.push_back(wheel.identity.digest);
    if (!wheel.identity.memo_row.empty()) identities.push_back(&wheel.identity);
  }
  if (wanted.empty()) return;
  take_over_packages(store, wanted, threads);
  if (!identities.empty()) {
    // Or each of the next commands would hash these files.
    store.index().write([&](WriteTxn& txn, const Schema& schema) {
      for (const ArtifactIdentity* identity : identities) schema.memo.put(txn, identity->memo_key, identity->memo_row);
    });
  }
  for (ExtractedWheel& wheel : wheels) {
    if (wheel.state != ExtractedWheel::State::below) continue;
    const auto package = find_package(store.index(), wheel.identity.digest);
    if (!package) given_up.insert(wheel.identity.digest);
    const bool known = package && stands_for(package->row, wheel, feed.request(wheel.request).path);
    wheel.state = known ? ExtractedWheel::State::known : ExtractedWheel::State::waiting;
    if (known) wheel.known = package->row;
  }
}

}  // namespace

std::vector<IngestResult> ingest_wheels(const Store& store, std::span<const WheelRequest> wheels,
                                        const IngestOptions& options, Progress& progress) {
  std::uint64_t bytes = 0;
  for (const WheelRequest& wheel : wheels) {
    const auto info = stat_path(wheel.path);
    bytes += info ? static_cast<std::uint64_t>(info->st_size) : 0;
  }
  progress.phase("adding wheels", bytes);
  WheelFeed feed(wheels);
  return ingest_wheels(store, feed, options, progress);
}

std::vector<IngestResult> ingest_wheels(const Store& store, WheelFeed& feed, const IngestOptions& options,
                                        Progress& progress) {
  const unsigned threads = options.threads == 0 ? available_cpus() : options.threads;
  std::vector<IngestResult> results;
  std::unordered_set<Sha256Digest> given_up;
  for (int rounds_again = 0; !feed.exhausted();) {
    ObjectBatch batch(store.layout(), store.index(), store.durability());
    std::deque<ExtractedWheel> wheels;
    {
      const Timer timer("read and write objects");
      wheels = extract_wheels(store, batch, feed, options, threads, given_up, progress);
    }
    take_over_below(store, wheels, feed, threads, given_up);
    results.resize(feed.size());
    std::vector<std::size_t> waiting;
    for (const ExtractedWheel& wheel : wheels) {
      if (wheel.state == ExtractedWheel::State::waiting) {
        waiting.push_back(wheel.request);
      } else {
        results[wheel.request].path = feed.request(wheel.request).path;
        fill_result(results[wheel.request], wheel);
      }
    }
    feed.put_back(waiting);
    std::vector<std::size_t> again = commit_group(store, batch, wheels, results);
    std::erase_if(again, [&](std::size_t number) {
      results[number].collected = feed.request(number).own_scratch;
      return results[number].collected;
    });
    if (!again.empty() && ++rounds_again == kMaxRounds) {
      throw Error("adding wheels to " + store.layout().root() + ": their files are collected again and again meanwhile",
                  "wait for `cas gc` to finish");
    }
    feed.put_back(again);
  }
  feed.rethrow_failure();
  return results;
}

IngestResult ingest_source(const Store& store, const Source& source, unsigned threads, Progress& progress) {
  const std::span<const SourceEntry> entries = source.entries();
  for (int round = 0; round < kMaxRounds; ++round) {
    ObjectBatch batch(store.layout(), store.index(), store.durability());
    std::deque<ExtractedWheel> extracted(1);
    ExtractedWheel& package = extracted.front();
    package.state = ExtractedWheel::State::extracted;
    package.metadata = source.metadata();
    package.files.resize(entries.size());
    const std::uint64_t bytes = std::accumulate(entries.begin(), entries.end(), std::uint64_t{0},
                                                [](std::uint64_t sum, const auto& entry) { return sum + entry.size; });
    progress.phase("adding " + package.metadata.name, bytes);
    parallel_for(entries.size(), threads == 0 ? available_cpus() : threads, [&](std::size_t i) {
      const SourceEntry& entry = entries[i];
      const auto produce = [&](const ObjectBatch::Sink& sink) { return source.read(i, sink); };
      package.files[i] = {entry.scheme, entry.kind, entry.path, batch.put(produce, entry.executable, entry.crc32),
                          entry.size};
      progress.advance(entry.size);
    });
    package.identity.digest = content_digest(package);
    package.identity.bytes = bytes;
    package.warnings = source.warnings();
    std::vector<IngestResult> results(1);
    fill_result(results.front(), package);
    results.front().already = find_package(store.index(), package.identity.digest).has_value();
    if (commit_group(store, batch, extracted, results).empty()) return std::move(results.front());
  }
  throw Error("adding " + source.metadata().file_name + " to " + store.layout().root() +
                  ": its files are collected again and again meanwhile",
              "wait for `cas gc` to finish");
}

bool record_plan(const Store& store, const Sha256Digest& key, std::span<const Sha256Digest> artifacts,
                 std::span<const GeneratedObject> generated,
                 const std::function<std::string(const ReadTxn&, const Schema&)>& encode_body,
                 BytecodeBatch* bytecode) {
  ObjectBatch batch(store.layout(), store.index(), store.durability());
  std::vector<bool> present(generated.size());
  store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    for (std::size_t i = 0; i < generated.size(); ++i) present[i] = schema.objects.has(txn, generated[i].id);
  });
  PlanRow row;
  for (const Sha256Digest& artifact : artifacts) row.artifacts += artifact.raw();
  const auto put = [&](const GeneratedObject& object) {
    const auto produce = [&](const ObjectBatch::Sink& sink) {
      sink(object.bytes);
      return object.id.digest;
    };
    static_cast<void>(batch.put(produce, object.id.executable, crc32_of(object.bytes)));
  };
  for (std::size_t i = 0; i < generated.size(); ++i) {
    if (!present[i]) put(generated[i]);
    ByteWriter(row.objects).object(generated[i].id);
  }
  if (bytecode != nullptr) {
    for (const ObjectId& id : bytecode->linked()) ByteWriter(row.objects).object(id);
  }

  for (int round = 0; round < kMaxRounds; ++round) {
    batch.synchronise();
    if (bytecode != nullptr) bytecode->synchronise();
    const FileLock lock = store.lock_gc(LockMode::shared);
    std::vector<std::size_t> missing;
    const bool recorded = store.index().write([&](WriteTxn& txn, const Schema& schema) {
      missing.clear();
      if (store.durability() == Durability::none) note_unsynced(txn, schema, boot_id(), batch.segments());
      batch.begin_rows();
      for (const Sha256Digest& artifact : artifacts) {
        if (!schema.packages.has(txn, artifact)) return false;
      }
      for (std::size_t i = 0; i < generated.size(); ++i) {
        if (batch.commit_row(txn, schema, generated[i].id) == RowOutcome::absent) missing.push_back(i);
      }
      if (bytecode != nullptr && !bytecode->commit_rows(txn, schema)) return false;
      if (!missing.empty()) return true;
      row.body = encode_body(txn, schema);
      static_cast<void>(next_sequence(txn, schema));  // a running collector sees that something came after its mark
      schema.plans.put(txn, key, row);
      failpoint("before-plan-commit");
      return true;
    });
    batch.committed();
    if (bytecode != nullptr) bytecode->committed();
    if (!recorded || missing.empty()) return recorded;
    // Collected between our look and our lock: written after all.
    for (const std::size_t i : missing) put(generated[i]);
  }
  throw Error("recording a plan in " + store.layout().root() + ": its files are collected again and again meanwhile",
              "wait for `cas gc` to finish");
}

}  // namespace cas
