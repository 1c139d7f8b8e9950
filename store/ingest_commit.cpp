#include "store/ingest_commit.hpp"

#include <algorithm>
#include <unordered_set>

#include "store/base/clock.hpp"
#include "store/base/codec.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/timing.hpp"
#include "store/packages/manifest.hpp"
#include "store/sys/file.hpp"
#include "store/unsynced.hpp"

namespace cas {
namespace {

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
  manifest.record_differs = wheel.record_differs || (wheel.lenient && !wheel.warnings.empty());
  manifest.listing = wheel.listing;
  manifest.assembled = wheel.assembled;
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
  batch.sync().written(std::move(file), bytes.size());
  return staged;
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

}  // namespace

std::uint64_t next_sequence(WriteTxn& txn, const Schema& schema) {
  std::uint64_t last = 0;
  if (const auto text = schema.meta.get(txn, "sequence")) last = ByteReader(*text).u64();
  std::string text;
  ByteWriter(text).u64(last + 1);
  schema.meta.put(txn, "sequence", text);
  return last + 1;
}

std::vector<std::size_t> commit_group(const Store& store, ObjectBatch& batch, const std::deque<ExtractedWheel>& wheels,
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
    if (store.durability() == Durability::none) note_unsynced(txn, schema, boot_id(), batch.segments());
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

}  // namespace cas
