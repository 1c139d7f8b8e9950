#include "store/ingest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <unordered_set>

#include "store/artifact_identity.hpp"
#include "store/base/codec.hpp"
#include "store/base/crc32.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/pool.hpp"
#include "store/base/timing.hpp"
#include "store/extract.hpp"
#include "store/objects/object_batch.hpp"
#include "store/packages/manifest.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// A group of wheels is made durable and committed together. Bounds what a crash costs; large enough that one syncfs
// serves many wheels. What their files take in memory is bounded by extract_wheels().
constexpr std::uint64_t kGroupBytes = std::uint64_t{2} << 30;
constexpr int kMaxRounds = 10;

std::uint64_t now_seconds() {
  return static_cast<std::uint64_t>(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
}

struct StagedManifest {
  std::string name;  // in the batch's staging directory
  Sha256Digest digest;
  PackageRow row;
};

// Writes the manifest into staging: it gets its name only under gc.lock, where no collector can take it for garbage.
StagedManifest stage_manifest(ObjectBatch& batch, const ExtractedWheel& wheel) {
  Manifest manifest;
  manifest.artifact = wheel.identity.digest;
  manifest.artifact_bytes = wheel.identity.bytes;
  manifest.record_differs = wheel.lenient && !wheel.warnings.empty();
  manifest.metadata = wheel.metadata;
  manifest.files = wheel.files;
  const std::string bytes = encode_manifest(manifest);

  StagedManifest staged;
  staged.digest = sha256(bytes);
  staged.name = "manifest-" + staged.digest.hex();
  staged.row.manifest = staged.digest;
  staged.row.artifact_bytes = wheel.identity.bytes;
  staged.row.files = static_cast<std::uint32_t>(wheel.files.size());
  for (const PackageFile& file : wheel.files) staged.row.content_bytes += file.size;
  staged.row.record_differs = manifest.record_differs;
  staged.row.name = wheel.metadata.name;
  staged.row.normalized_name = wheel.metadata.normalized_name;
  staged.row.version = wheel.metadata.version;
  staged.row.file_name = wheel.metadata.file_name;

  Fd file = create_file_at(batch.staging().fd(), staged.name, 0444, batch.staging().path());
  write_all(file.get(), bytes, batch.staging().path());
  batch.sync().written(std::move(file));
  return staged;
}

// The numbers grow forever and are given out in the transaction that uses them.
std::uint64_t next_sequence(WriteTxn& txn, const Schema& schema) {
  std::uint64_t last = 0;
  if (const auto text = schema.meta.get(txn, "sequence")) last = ByteReader(*text).u64();
  std::string text;
  ByteWriter(text).u64(last + 1);
  schema.meta.put(txn, "sequence", text);
  return last + 1;
}

// Inserts everything of one wheel; false, with nothing inserted: an object that was there when the wheel was read has
// been collected since.
bool commit_wheel(WriteTxn& txn, const Schema& schema, ObjectBatch& batch, const ExtractedWheel& wheel,
                  StagedManifest& staged, IngestResult& result) {
  const auto there = [&](const PackageFile& file) {
    return file.size == 0 || batch.find(file.object) || schema.objects.has(txn, file.object);
  };
  if (!std::all_of(wheel.files.begin(), wheel.files.end(), there)) return false;

  result.new_files = result.new_bytes = 0;
  for (const PackageFile& file : wheel.files) {
    if (file.size == 0) continue;
    if (batch.commit_row(txn, schema, file.object) == RowOutcome::inserted) {
      ++result.new_files;
      result.new_bytes += file.size;
    }
  }
  staged.row.sequence = next_sequence(txn, schema);
  staged.row.added_at = staged.row.used_at = now_seconds();
  schema.packages.put(txn, wheel.identity.digest, staged.row);
  if (!wheel.identity.memo_row.empty()) schema.memo.put(txn, wheel.identity.memo_key, wheel.identity.memo_row);
  return true;
}

// Objects durable before names, names before the index. Returns the wheels that have to be read again.
std::vector<std::size_t> commit_group(const Store& store, ObjectBatch& batch, const std::vector<ExtractedWheel>& wheels,
                                      std::vector<IngestResult>& results) {
  std::vector<std::pair<std::size_t, StagedManifest>> staged;
  std::unordered_set<Sha256Digest> artifacts;
  {
    const Timer timer("synchronise objects");
    for (std::size_t i = 0; i < wheels.size(); ++i) {
      if (wheels[i].state != ExtractedWheel::State::extracted) continue;
      if (!artifacts.insert(wheels[i].identity.digest).second) {
        results[wheels[i].request].already = true;  // the same wheel twice in one call
        continue;
      }
      staged.emplace_back(i, stage_manifest(batch, wheels[i]));
    }
    if (staged.empty()) return {};
    batch.synchronise();
  }

  const Timer timer("commit");
  const FileLock lock = store.lock_gc(LockMode::shared);
  const Fd manifests = open_directory(store.layout().manifests());
  for (const auto& [i, manifest] : staged) {
    rename_at(batch.staging().fd(), manifest.name, manifests.get(), manifest.digest.hex());
  }
  if (store.durability() != Durability::none) sync_fd(manifests.get(), store.layout().manifests());
  failpoint("manifests-published");

  std::vector<std::size_t> again;
  store.index().write([&](WriteTxn& txn, const Schema& schema) {
    again.clear();
    batch.begin_rows();
    for (auto& [i, manifest] : staged) {
      if (!commit_wheel(txn, schema, batch, wheels[i], manifest, results[wheels[i].request])) again.push_back(i);
    }
    failpoint("before-commit");
  });
  batch.committed();
  failpoint("committed");
  std::vector<std::size_t> requests;
  for (const std::size_t i : again) requests.push_back(wheels[i].request);
  return requests;
}

void fill_result(IngestResult& result, const ExtractedWheel& wheel) {
  result.artifact = wheel.identity.digest;
  result.warnings = wheel.warnings;
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

void ingest_group(const Store& store, std::span<const WheelRequest> requests, std::vector<std::size_t> group,
                  const IngestOptions& options, unsigned threads, std::vector<IngestResult>& results,
                  Progress& progress) {
  int rounds_again = 0;
  while (!group.empty()) {
    ObjectBatch batch(store.layout(), store.index(), store.durability());
    std::vector<ExtractedWheel> wheels;
    {
      const Timer timer("read and write objects");
      wheels = extract_wheels(store, batch, requests, group, options.record, threads, progress);
    }
    group.clear();
    for (const ExtractedWheel& wheel : wheels) {
      if (wheel.state == ExtractedWheel::State::waiting) {
        group.push_back(wheel.request);
      } else {
        fill_result(results[wheel.request], wheel);
      }
    }
    const std::vector<std::size_t> again = commit_group(store, batch, wheels, results);
    if (!again.empty() && ++rounds_again == kMaxRounds) {
      throw Error("adding wheels to " + store.layout().root() + ": their files are collected again and again meanwhile",
                  "wait for `cas gc` to finish");
    }
    group.insert(group.begin(), again.begin(), again.end());
  }
}

}  // namespace

std::vector<IngestResult> ingest_wheels(const Store& store, std::span<const WheelRequest> wheels,
                                        const IngestOptions& options, Progress& progress) {
  std::vector<IngestResult> results(wheels.size());
  std::vector<std::uint64_t> sizes(wheels.size());
  for (std::size_t i = 0; i < wheels.size(); ++i) {
    results[i].path = wheels[i].path;
    const auto info = stat_path(wheels[i].path);
    sizes[i] = info ? static_cast<std::uint64_t>(info->st_size) : 0;
  }
  progress.phase("adding wheels", std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0}));
  const unsigned threads = options.threads == 0 ? available_cpus() : options.threads;

  std::vector<std::size_t> group;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < wheels.size(); ++i) {
    group.push_back(i);
    bytes += sizes[i];
    if (bytes < kGroupBytes && i + 1 < wheels.size()) continue;
    ingest_group(store, wheels, std::move(group), options, threads, results, progress);
    group.clear();
    bytes = 0;
  }
  return results;
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
