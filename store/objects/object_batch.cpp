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
  if (remove_pending()) remove_marks();
}

// false: it cannot be told what to remove.
bool ObjectBatch::remove_pending() noexcept {
  if (pending_.empty()) return true;
  try {
    // Another process may have put the same object into this very segment before its lock became ours: then the
    // file under that name is what its row means, and stays.
    index_.read([&](const ReadTxn& txn, const Schema& schema) {
      for (auto& [id, pending] : pending_) {
        const auto row = schema.objects.get(txn, id);
        // Whatever a transaction chose that was aborted.
        pending.chosen = row && row->segment == pending.row.segment;
      }
    });
    for (const auto& [id, pending] : pending_) {
      if (!pending.chosen) remove_file_quietly_at(pending.directory, id.file_name());
    }
    return true;
  } catch (const std::exception&) {
    // Without the index nothing can be told apart: the files stay as orphans for the collector.
    return false;
  }
}

// Another thread had the same object in staging, and was the first to keep it: under the draft's name lies the other's file.
bool ObjectBatch::overtaken(const Draft& draft) const {
  if (draft.segment == nullptr) return false;
  const auto found = pending_.find(draft.id);
  return found != pending_.end() && found->second.row.segment == draft.segment->number;
}

void ObjectBatch::discard(const Draft& draft) noexcept {
  if (!draft.made || overtaken(draft)) return;
  if (draft.segment != nullptr) {
    remove_file_quietly_at(draft.segment->directory.get(), draft.id.file_name());
  } else {
    remove_file_quietly_at(staging_.fd(), draft.staged);
  }
}

void ObjectBatch::create(Draft& draft, Executable executable, const std::optional<Sha256Digest>& expected) {
  const mode_t mode = canonical_mode(executable);
  if (expected) {
    const HeldSegment& segment = segments_.place();
    draft.id = {*expected, executable};
    draft.file = try_create_file_at(segment.directory.get(), draft.id.file_name(), mode, layout_.objects());
    if (draft.file) {
      draft.segment = &segment;
      draft.made = true;
      return;
    }
    // An orphan's name, or another thread's draft.
  }
  draft.staged = staged_name();
  draft.file = create_file_at(staging_.fd(), draft.staged, mode, staging_.path());
  draft.made = true;
}

std::string ObjectBatch::staged_name() {
  const std::lock_guard lock(mutex_);
  return std::to_string(next_name_++);
}

ObjectId ObjectBatch::put(const Producer& produce, Executable executable, std::uint32_t crc32,
                          const std::optional<Sha256Digest>& expected) {
  Draft draft;
  FingerprintHasher& hasher = thread_hasher();
  static_cast<void>(hasher.finish());  // an earlier object may have failed half-way
  ObjectRow row;
  row.crc32 = crc32;
  ObjectId id;
  id.executable = executable;
  const auto discarded = [&] {
    const std::lock_guard lock(mutex_);
    discard(draft);
  };
  try {
    id.digest = produce([&](std::string_view bytes) {
      if (bytes.empty()) return;
      if (!draft.file) create(draft, executable, expected);
      hasher.update(bytes);
      write_all(draft.file.get(), bytes, staging_.path());
      row.size += bytes.size();
    });
    row.fingerprint = hasher.finish();
    if (row.size == 0) return id;
    set_mtime(draft.file.get(), canonical_mtime(id.digest), staging_.path());
  } catch (...) {
    discarded();
    throw;
  }
  failpoint("object-staged");

  std::unique_lock lock(mutex_);
  if (pending_.contains(id)) {
    discard(draft);
    return id;
  }
  if (draft.segment != nullptr && draft.id != id) {
    // The promise was wrong. The file is taken away from the name that is not its own, if it still has it.
    if (overtaken(draft)) {
      lock.unlock();
      return put(produce, executable, crc32);
    }
    draft.staged = std::to_string(next_name_++);
    rename_at(draft.segment->directory.get(), draft.id.file_name(), staging_.fd(), draft.staged);
    draft.segment = nullptr;
  }
  keep(id, row, draft);
  lock.unlock();
  failpoint("object-renamed");
  sync_.written(std::move(draft.file), row.size);
  return id;
}

void ObjectBatch::mark(const HeldSegment& segment) {
  if (marked_.contains(&segment)) return;
  const Fd made = try_create_file_at(segment.directory.get(), kTakeOverMark, 0600, layout_.segment(segment.number));
  marked_.emplace(&segment, static_cast<bool>(made));
}

// Whatever is left there without a row is not this batch's.
void ObjectBatch::remove_marks() noexcept {
  for (const auto& [segment, own] : marked_) {
    if (own) remove_file_quietly_at(segment->directory.get(), kTakeOverMark);
  }
  marked_.clear();
}

LinkOutcome ObjectBatch::place(const ObjectId& id, const ObjectRow& row, const Placer& place) {
  if (find(id)) return LinkOutcome::linked;
  Draft draft;
  draft.id = id;
  const HeldSegment& segment = segments_.place();
  {
    const std::lock_guard lock(mutex_);
    mark(segment);
  }
  LinkOutcome outcome = place(segment.directory.get(), id.file_name().c_str(), draft.file);
  if (outcome == LinkOutcome::linked) {
    draft.segment = &segment;
  } else if (outcome == LinkOutcome::already) {
    // An orphan's name, or another thread's draft.
    draft.staged = staged_name();
    outcome = place(staging_.fd(), draft.staged.c_str(), draft.file);
  }
  if (outcome != LinkOutcome::linked) return outcome;
  draft.made = draft.placed = true;
  try {
    failpoint("object-staged");
  } catch (...) {
    // By the next collection it would be taken for what an environment holds.
    const std::lock_guard lock(mutex_);
    discard(draft);
    throw;
  }

  std::unique_lock lock(mutex_);
  if (pending_.contains(id)) {
    discard(draft);
    return LinkOutcome::linked;
  }
  keep(id, row, draft);
  lock.unlock();
  failpoint("object-renamed");
  if (draft.file) sync_.written(std::move(draft.file), row.size);
  return LinkOutcome::linked;
}

// Whether the index means the file that has this name already: an orphan is garbage, this one is believed.
bool ObjectBatch::has_row(const HeldSegment& segment, const ObjectId& id) const {
  if (!stat_at(segment.directory.get(), id.file_name())) return false;
  return index_.read([&](const ReadTxn& txn, const Schema& schema) {
    const auto row = schema.objects.get(txn, id);
    return row && row->segment == segment.number;
  });
}

// The rename happens under the mutex so that a name is never renamed over by a loser.
void ObjectBatch::keep(const ObjectId& id, const ObjectRow& row, Draft& draft) {
  const HeldSegment& segment = draft.segment != nullptr ? *draft.segment : segments_.place();
  // What has a row is on disk. To rename what is not yet over it would leave a row without its bytes, should the machine stop now.
  if (draft.segment == nullptr && has_row(segment, id)) return discard(draft);
  Pending pending{row, segment.directory.get()};
  pending.row.segment = segment.number;
  if (draft.placed) mark(segment);
  pending_.emplace(id, pending);
  if (draft.segment != nullptr) return;
  try {
    rename_at(staging_.fd(), draft.staged, segment.directory.get(), id.file_name());
  } catch (...) {
    pending_.erase(id);
    discard(draft);
    throw;
  }
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
  if (pending_.empty()) remove_marks();
}

}  // namespace cas
