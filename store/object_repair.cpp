#include "store/object_repair.hpp"

#include <cerrno>
#include <optional>

#include "store/base/crc32.hpp"
#include "store/base/error.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/progress.hpp"
#include "store/objects/layout.hpp"
#include "store/quarantine.hpp"
#include "store/sys/file.hpp"
#include "store/sys/group_access.hpp"
#include "store/sys/link.hpp"
#include "store/sys/lock.hpp"
#include "store/sys/owner.hpp"

namespace cas {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;
// Whoever adds to a segment holds it until its packages are committed.
constexpr std::chrono::seconds kPatience{10};

// What the index says of an object, read from its bytes; nullopt: they are another's.
std::optional<ObjectRow> facts_of(int file, const ObjectId& id) {
  thread_local std::vector<char> buffer(kReadBytes);
  ObjectRow row;
  Sha256 sha;
  FingerprintHasher fingerprint;
  Crc32 crc;
  while (const std::size_t got = pread_full(file, buffer.data(), buffer.size(), row.size, id.file_name())) {
    check_interrupt();
    const std::string_view bytes(buffer.data(), got);
    sha.update(bytes);
    fingerprint.update(bytes);
    crc.update(bytes);
    row.size += got;
  }
  if (row.size == 0 || sha.finish() != id.digest) return std::nullopt;
  row.crc32 = crc.value();
  row.fingerprint = fingerprint.finish();
  return row;
}

// An empty Fd: gone, no regular file, or not for us to read.
Fd try_open_copy(int directory, const std::string& name) {
  try {
    const auto info = stat_at(directory, name);
    if (!info || !S_ISREG(info->st_mode)) return {};
    return try_open_read_at(directory, name);
  } catch (const SystemError& error) {
    if (error.is(EACCES) || error.is(ELOOP)) return {};
    throw;
  }
}

}  // namespace

InodeId inode_of(const struct stat& info) { return {info.st_dev, info.st_ino}; }

ObjectRepair::ObjectRepair(const Store& store, RepairRun run) : store_(store), run_(run) {}

ObjectRepair::~ObjectRepair() = default;

const StagingDirectory& ObjectRepair::staging() {
  if (!staging_) staging_ = std::make_unique<StagingDirectory>(store_.layout().staging());
  return *staging_;
}

void ObjectRepair::want(const ObjectId& id, ObjectState state) {
  const auto row = find_object(store_, id);
  if (row || run_ == RepairRun::dry) wanted_.emplace(id, state);
  if (!row) return;
  const auto info = stat_path(store_.layout().object(row->segment, id));
  if (info && S_ISREG(info->st_mode) && state == ObjectState::content) bad_.emplace(inode_of(*info), id);
}

bool ObjectRepair::offer_itself(const ObjectId& id) {
  const auto row = find_object(store_, id);
  if (!row) return false;
  const std::string path = store_.layout().object(row->segment, id);
  const Fd file = try_open_copy(kCurrentDirectory, path);
  if (!file) return false;
  const struct stat info = stat_fd(file.get(), path);
  if (!facts_of(file.get(), id)) {
    // What looked like a change of its metadata alone was one of its bytes.
    wanted_[id] = ObjectState::content;
    bad_.emplace(inode_of(info), id);
    return false;
  }
  if (run_ == RepairRun::dry) return note_repaired(id, "its own bytes, which are right"), true;
  try {
    if (!store_.ownership().fits(info) && !try_set_owner(file.get(), store_.ownership().owner()))
      throw SystemError(EPERM, "giving back", path);
    set_mode(file.get(), canonical_mode(id.executable), path);
    set_mtime(file.get(), canonical_mtime(id.digest), path);
  } catch (const SystemError& error) {
    if (!error.is(EPERM) && !error.is(EACCES)) throw;
    // Another user's by now: he could change it at any time. Those who link it get ours.
    bad_.emplace(inode_of(info), id);
    return offer_bytes(
        id, [&](const auto& sink) { sink(read_fd(file.get(), static_cast<std::size_t>(row->size), path)); },
        "its own bytes, which are right");
  }
  note_repaired(id, "its own bytes, which are right");
  return true;
}

bool ObjectRepair::offer_file(const ObjectId& id, int directory, const std::string& name, const std::string& source) {
  try {
    return offer_readable(id, directory, name, source);
  } catch (const SystemError& error) {
    if (error.is(EIO)) return false;  // a bad spot of the disk: there may be another copy
    throw;
  }
}

bool ObjectRepair::offer_readable(const ObjectId& id, int directory, const std::string& name,
                                  const std::string& source) {
  const Fd file = try_open_copy(directory, name);
  if (!file) return false;
  const struct stat info = stat_fd(file.get(), source);
  if (bad_.contains(inode_of(info))) return false;
  if (run_ == RepairRun::dry) {
    if (digest_of_file(file.get(), source) != id.digest) return false;
    note_repaired(id, source);
    return true;
  }
  const auto row = find_object(store_, id);
  // A file of another size cannot be it, and may be one that fills the disk. (Where the index is wrong about the size a rebuild helps.)
  if (row && static_cast<std::uint64_t>(info.st_size) != row->size) return false;
  const std::string staged = std::to_string(next_name_++);
  const bool intact = row && look_at_object(info, id, row->size, store_.ownership()).state == ObjectState::sound;
  // Its own link again: sharing with those who hold it is kept.
  if (intact && wanted_.at(id) == ObjectState::missing &&
      hard_link(directory, name.c_str(), staging().fd(), staged.c_str()) == LinkOutcome::linked) {
    if (take(id, staged, source)) return true;
    remove_file_at(staging().fd(), staged);
    return false;
  }
  const mode_t mode = canonical_mode(id.executable);
  const std::int64_t mtime = canonical_mtime(id.digest);
  if (clone_file(file.get(), staging().fd(), staged.c_str(), mode, mtime) != LinkOutcome::linked &&
      copy_file(file.get(), staging().fd(), staged.c_str(), mode, mtime, source) != LinkOutcome::linked) {
    throw SystemError(EEXIST, "copying", source);
  }
  if (take(id, staged, source)) return true;
  remove_file_at(staging().fd(), staged);
  return false;
}

bool ObjectRepair::offer_bytes(const ObjectId& id, const Producer& produce, const std::string& source) {
  const std::string staged = std::to_string(next_name_++);
  if (run_ == RepairRun::dry) {
    Sha256 sha;
    produce([&](std::string_view bytes) { sha.update(bytes); });
    if (sha.finish() != id.digest) return false;
    note_repaired(id, source);
    return true;
  }
  {
    const Fd file = create_file_at(staging().fd(), staged, canonical_mode(id.executable), staging().path());
    produce([&](std::string_view bytes) { write_all(file.get(), bytes, staging().path()); });
    set_mtime(file.get(), canonical_mtime(id.digest), staging().path());
  }
  if (take(id, staged, source)) return true;
  remove_file_at(staging().fd(), staged);
  return false;
}

// What lies in staging is hashed there: nobody else can change it any more.
bool ObjectRepair::take(const ObjectId& id, const std::string& staged, const std::string& source) {
  const Fd file = open_read_at(staging().fd(), staged, staging().path());
  const auto facts = facts_of(file.get(), id);
  if (!facts) return false;
  if (store_.durability() != Durability::none) sync_fd(file.get(), staging().path());
  failpoint("repair-staged");
  if (!publish(id, staged, *facts)) return false;
  failpoint("repair-published");
  note_repaired(id, source);
  return true;
}

// false: a collector has taken the object meanwhile.
bool ObjectRepair::publish(const ObjectId& id, const std::string& staged, const ObjectRow& facts) {
  const auto before = find_object(store_, id);
  if (!before) return false;
  const std::string path = store_.layout().segment(before->segment);
  try_make_store_directory(path);
  const Fd segment = open_directory(path);
  // A writer that gives up removes what it wrote, by name: not while ours has it.
  if (!try_lock_fd_soon(segment.get(), LockMode::exclusive, kPatience)) {
    throw Error("replacing objects in " + path + ": another command is adding to it", "run the command again");
  }
  const FileLock lock = store_.lock_gc(LockMode::shared);
  const auto row = find_object(store_, id);
  if (!row || row->segment != before->segment) return false;
  static_cast<void>(keep_damaged_file(store_, segment.get(), id));
  rename_at(staging().fd(), staged, segment.get(), id.file_name());
  if (store_.durability() != Durability::none) sync_fd(segment.get(), path);
  if (row->size == facts.size && row->crc32 == facts.crc32 && row->fingerprint == facts.fingerprint) return true;
  // What the index remembered was wrong, too.
  store_.index().write(
      [&](WriteTxn& txn, const Schema& schema) {
        auto current = schema.objects.get(txn, id);
        if (!current || current->segment != before->segment) return;
        current->size = facts.size;
        current->crc32 = facts.crc32;
        current->fingerprint = facts.fingerprint;
        schema.objects.put(txn, id, *current);
      },
      Growth::none);
  return true;
}

void ObjectRepair::note_repaired(const ObjectId& id, const std::string& source) {
  wanted_.erase(id);
  repaired_[id] = source;
}

}  // namespace cas
