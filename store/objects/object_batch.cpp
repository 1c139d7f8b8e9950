#include "store/objects/object_batch.hpp"

#include "store/base/failpoint.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

FingerprintHasher& thread_hasher() {
  // The state is 576 bytes and aligned: allocated once per thread, not per object.
  thread_local FingerprintHasher hasher;
  return hasher;
}

}  // namespace

ObjectBatch::ObjectBatch(const StoreLayout& layout, Index& index, Durability durability)
    : layout_(layout),
      index_(index),
      staging_(layout.staging()),
      sync_(durability, layout.root()),
      segments_(layout, index) {}

ObjectBatch::~ObjectBatch() {
  if (pending_.empty()) return;
  try {
    // Another process may have put the same object into this very segment before its lock became ours: then the
    // file under that name is what its row means, and stays.
    index_.read([&](const ReadTxn& txn, const Schema& schema) {
      for (auto& [id, pending] : pending_) {
        const auto row = schema.objects.get(txn, id);
        if (row && row->segment == pending.row.segment) pending.chosen = true;
      }
    });
    for (const auto& [id, pending] : pending_) {
      if (!pending.chosen) remove_file_quietly_at(pending.directory, id.file_name());
    }
  } catch (const std::exception&) {
    // Without the index nothing can be told apart: the files stay as orphans for the collector.
  }
}

ObjectId ObjectBatch::put(const Producer& produce, Executable executable, std::uint32_t crc32) {
  std::string staged;
  {
    const std::lock_guard lock(mutex_);
    staged = std::to_string(next_name_++);
  }
  struct Unstage {
    int dir;
    const std::string& name;
    bool armed = false;
    ~Unstage() {
      if (armed) remove_file_quietly_at(dir, name);
    }
  } unstage{staging_.fd(), staged};

  FingerprintHasher& hasher = thread_hasher();
  static_cast<void>(hasher.finish());  // an earlier object may have failed half-way
  Fd file;
  ObjectRow row;
  row.crc32 = crc32;
  ObjectId id;
  id.executable = executable;
  id.digest = produce([&](std::string_view bytes) {
    if (!file) {
      file = create_file_at(staging_.fd(), staged, canonical_mode(executable), staging_.path());
      unstage.armed = true;
    }
    hasher.update(bytes);
    write_all(file.get(), bytes, staging_.path());
    row.size += bytes.size();
  });
  row.fingerprint = hasher.finish();
  if (row.size == 0) return id;

  set_mtime(file.get(), canonical_mtime(id.digest), staging_.path());
  {
    const std::lock_guard lock(mutex_);
    if (pending_.contains(id)) return id;
  }
  sync_.written(std::move(file));
  failpoint("object-staged");
  keep(id, row, staged);
  return id;
}

void ObjectBatch::keep(const ObjectId& id, const ObjectRow& row, const std::string& staged) {
  const HeldSegment& segment = segments_.place();
  Pending pending{row, segment.directory.get()};
  pending.row.segment = segment.number;
  const std::lock_guard lock(mutex_);
  // Two threads may have written the same bytes: the first one's file counts, the other's is left to the staging
  // directory. The rename happens under the mutex so that a name is never renamed over by a loser.
  if (!pending_.emplace(id, pending).second) return;
  try {
    rename_at(staging_.fd(), staged, segment.directory.get(), id.file_name());
  } catch (...) {
    pending_.erase(id);
    throw;
  }
  failpoint("object-renamed");
}

std::optional<ObjectRow> ObjectBatch::find(const ObjectId& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = pending_.find(id);
  if (found == pending_.end()) return std::nullopt;
  return found->second.row;
}

void ObjectBatch::synchronise() {
  std::vector<std::string> directories;
  if (!pending_.empty()) {
    directories.push_back(layout_.objects());
    for (const std::uint32_t number : segments_.used()) directories.push_back(layout_.segment(number));
  }
  sync_.finish(directories);
  failpoint("objects-synchronised");
}

void ObjectBatch::begin_rows() {
  for (auto& [id, pending] : pending_) pending.chosen = false;
}

RowOutcome ObjectBatch::commit_row(WriteTxn& txn, const Schema& schema, const ObjectId& id) {
  const auto found = pending_.find(id);
  const auto row = schema.objects.get(txn, id);
  if (row) {
    if (found != pending_.end()) found->second.chosen = row->segment == found->second.row.segment;
    return RowOutcome::present;
  }
  if (found == pending_.end()) return RowOutcome::absent;
  schema.objects.put(txn, id, found->second.row);
  const std::uint32_t number = found->second.row.segment;
  SegmentRow segment = schema.segments.get(txn, number).value_or(SegmentRow{});
  ++segment.objects;
  schema.segments.put(txn, number, segment);
  found->second.chosen = true;
  return RowOutcome::inserted;
}

void ObjectBatch::committed() {
  for (auto at = pending_.begin(); at != pending_.end();) {
    if (at->second.chosen) {
      at = pending_.erase(at);
    } else {
      ++at;
    }
  }
}

}  // namespace cas
