#include "store/unsynced.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_set>

#include "store/base/codec.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/pool.hpp"
#include "store/base/progress.hpp"
#include "store/damage.hpp"
#include "store/object_check.hpp"
#include "store/packages/packages.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr const char* kKey = "unsynced";

// <unsynced> ::= <boot> u64 last sequence number before, u32(n) u32 segment*n
struct Note {
  std::string boot;
  std::uint64_t sequence = 0;
  std::set<std::uint32_t> segments;
};

std::optional<Note> read_note(const ReadTxn& txn, const Schema& schema) {
  const auto bytes = schema.meta.get(txn, kKey);
  if (!bytes) return std::nullopt;
  ByteReader in(*bytes);
  Note note;
  note.boot = in.string();
  note.sequence = in.u64();
  for (std::uint32_t n = in.u32(); n > 0; --n) note.segments.insert(in.u32());
  return note;
}

// Of the boot before `boot`.
std::optional<Note> note_to_check(const Store& store, std::string_view boot) {
  auto note = store.index().read([](const ReadTxn& txn, const Schema& schema) { return read_note(txn, schema); });
  if (note && note->boot == boot && !boot.empty()) return std::nullopt;
  return note;
}

struct Object {
  ObjectId id;
  ObjectRow row;
};

bool is_whole(const Store& store, const Object& object) {
  const std::string path = store.layout().object(object.row.segment, object.id);
  const Fd file = try_open_read_at(kCurrentDirectory, path);
  if (!file) return false;
  const struct stat info = stat_fd(file.get(), path);
  if (!S_ISREG(info.st_mode) || static_cast<std::uint64_t>(info.st_size) != object.row.size) return false;
  return read_object(file.get(), object.id, object.row, Reading::fingerprint, [] { return false; }) ==
         ReadOutcome::right;
}

class Distrust {
 public:
  Distrust(const Store& store, Note note) : store_(store), note_(std::move(note)) {}

  Distrusted run(unsigned threads) {
    find_lost_objects(threads);
    find_lost_packages();
    forget();
    remove_files();
    for (const Package& package : packages_) result_.packages.push_back(package.row.name + " " + package.row.version);
    return std::move(result_);
  }

 private:
  void find_lost_objects(unsigned threads) {
    std::vector<Object> objects;
    store_.index().read([&](const ReadTxn& txn, const Schema& schema) {
      schema.objects.for_each(txn, [&](const ObjectId& id, const ObjectRow& row) {
        if (note_.segments.contains(row.segment)) objects.push_back({id, row});
      });
    });
    result_.objects_checked = objects.size();
    std::mutex mutex;
    parallel_for(objects.size(), threads, [&](std::size_t i) {
      if (is_whole(store_, objects[i])) return;
      const std::lock_guard lock(mutex);
      lost_.push_back(objects[i]);
      lost_ids_.insert(objects[i].id);
    });
    result_.objects_lost = lost_.size();
  }

  // By their objects, or because their own manifest is not whole. Where no object is lost, older manifests are safe.
  void find_lost_packages() {
    for (Package& package : list_packages(store_.index())) {
      if (lost_.empty() && package.row.sequence <= note_.sequence) continue;
      if (stands_on_lost(package)) packages_.push_back(std::move(package));
    }
  }

  bool stands_on_lost(const Package& package) const {
    try {
      bool found = false;
      for_each_object(read_manifest(store_.layout(), package.row.manifest),
                      [&](const ObjectId& id, std::uint64_t) { found = found || lost_ids_.contains(id); });
      return found;
    } catch (const Corruption&) {
      return true;
    }
  }

  bool stands_on_lost(const ReadTxn& txn, const Schema& schema, const PlanRow& plan) const {
    for (ByteReader artifacts(plan.artifacts); !artifacts.at_end();) {
      if (!schema.packages.has(txn, artifacts.digest())) return true;
    }
    for (ByteReader objects(plan.objects); !objects.at_end();) {
      if (lost_ids_.contains(objects.object())) return true;
    }
    return false;
  }

  void forget() {
    store_.index().write(
        [&](WriteTxn& txn, const Schema& schema) {
          for (const Object& object : lost_) erase_object(txn, schema, object.id);
          for (const Package& package : packages_) schema.packages.erase(txn, package.artifact);
          std::vector<Sha256Digest> plans;
          if (!lost_.empty() || !packages_.empty()) {
            schema.plans.for_each(txn, [&](const Sha256Digest& key, const PlanRow& plan) {
              if (stands_on_lost(txn, schema, plan)) plans.push_back(key);
            });
          }
          for (const Sha256Digest& key : plans) schema.plans.erase(txn, key);
          schema.meta.erase(txn, kKey);
          failpoint("distrust-commit");
        },
        Growth::none);
  }

  void remove_files() const {
    for (const Object& object : lost_) {
      remove_file_quietly_at(kCurrentDirectory, store_.layout().object(object.row.segment, object.id));
    }
    for (const Package& package : packages_) {
      remove_file_quietly_at(kCurrentDirectory, store_.layout().manifest(package.row.manifest));
    }
  }

  const Store& store_;
  Note note_;
  Distrusted result_;
  std::vector<Object> lost_;
  std::unordered_set<ObjectId> lost_ids_;
  std::vector<Package> packages_;
};

}  // namespace

void note_unsynced(WriteTxn& txn, const Schema& schema, std::string_view boot,
                   std::span<const std::uint32_t> segments) {
  auto note = read_note(txn, schema);
  if (!note) {
    note.emplace();
    note->boot = boot;
    if (const auto text = schema.meta.get(txn, "sequence")) note->sequence = ByteReader(*text).u64();
  } else if (std::ranges::all_of(segments, [&](std::uint32_t number) { return note->segments.contains(number); })) {
    return;
  }
  note->segments.insert(segments.begin(), segments.end());
  std::string bytes;
  ByteWriter out(bytes);
  out.string(note->boot);
  out.u64(note->sequence);
  out.u32(static_cast<std::uint32_t>(note->segments.size()));
  for (const std::uint32_t number : note->segments) out.u32(number);
  schema.meta.put(txn, kKey, bytes);
}

std::vector<std::uint32_t> unsynced_segments(const Store& store, std::string_view boot) {
  const auto note = note_to_check(store, boot);
  return note ? std::vector<std::uint32_t>(note->segments.begin(), note->segments.end()) : std::vector<std::uint32_t>();
}

Distrusted distrust_unsynced(const Store& store, std::string_view boot, unsigned threads) {
  if (!note_to_check(store, boot)) return {};
  const FileLock lock = store.lock_gc(LockMode::exclusive);
  auto note = note_to_check(store, boot);
  if (!note) return {};  // somebody else has just done it
  return Distrust(store, std::move(*note)).run(threads == 0 ? available_cpus() : threads);
}

}  // namespace cas
