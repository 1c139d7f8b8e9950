#include "store/object_taker.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <unordered_set>
#include <utility>
#include <vector>

#include "store/base/failpoint.hpp"
#include "store/base/pool.hpp"
#include "store/base/progress.hpp"
#include "store/linked_bases.hpp"
#include "store/sys/file.hpp"
#include "store/sys/probe.hpp"
#include "store/sys/trust.hpp"
#include "store/unsynced.hpp"

namespace cas {
namespace {

constexpr unsigned kMostFailures = 3;
constexpr std::size_t kReadBytes = std::size_t{256} << 10;

// As the file of an object looks that nobody has touched.
bool looks_right(const struct stat& info, const ObjectId& id, const ObjectRow& row) {
  return S_ISREG(info.st_mode) && static_cast<std::uint64_t>(info.st_size) == row.size &&
         (info.st_mode & 07777U) == canonical_mode(id.executable) &&
         info.st_mtim.tv_sec == canonical_mtime(id.digest) && is_only_ours(info);
}

[[noreturn]] void throw_damaged(const Store& base, const ObjectId& id, const ObjectRow& row, std::string_view problem) {
  throw Corruption("the object " + base.layout().object(row.segment, id) + " " + std::string(problem),
                   "`cas verify --contents` in that store says more");
}

// A collector takes the row first.
[[noreturn]] void throw_missing(const Store& base, const ObjectId& id, const ObjectRow& row) {
  const auto now = find_object(base, id);
  if (now && now->segment == row.segment) throw_damaged(base, id, row, "is missing");
  throw NotFound("the object " + base.layout().object(row.segment, id) + " has vanished");
}

// What the base's side answers is no failure of this store's.
template <class F>
auto reading_base(const Store& base, const ObjectId& id, const ObjectRow& row, F&& f) {
  try {
    return std::forward<F>(f)();
  } catch (const SystemError& error) {
    throw_damaged(base, id, row, "cannot be read: " + error.message());
  }
}

}  // namespace

ObjectTaker::ObjectTaker(const Store& base, ObjectBatch& batch) : base_(base), batch_(batch) {
  for (const std::uint32_t number : unsynced_segments(base, boot_id())) unsynced_.insert(number);
  // A link to what lies in an overlay's lower layer copies it up first, unseen, into the base's own place. Which layer a file lies in
  // cannot be asked.
  if (filesystem_of(base.layout().objects()).type == "overlay") linking_.open = false;
}

const ObjectTaker::Segment& ObjectTaker::segment(std::uint32_t number) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Segment>& found = segments_[number];
  if (found) return *found;
  auto made = std::make_unique<Segment>();
  const std::string path = base_.layout().segment(number);
  try {
    made->directory = try_open_directory_at(kCurrentDirectory, path);
  } catch (const SystemError& error) {
    throw Corruption(error.message(), "`cas verify` in that store says more");
  }
  // Then nothing is found in it, which is told by name.
  if (!made->directory) made->directory = open_directory(base_.layout().objects());
  made->believed = is_only_ours(stat_fd(made->directory.get(), path)) && !unsynced_.contains(number);
  found = std::move(made);
  return *found;
}

bool ObjectTaker::try_way(Way& way, const ObjectId& id, const ObjectRow& row, const ObjectBatch::Placer& place) {
  {
    const std::lock_guard lock(mutex_);
    if (!way.open) return false;
  }
  const LinkOutcome outcome = batch_.place(id, row, place);
  const std::lock_guard lock(mutex_);
  if (outcome == LinkOutcome::linked) {
    way.failures = 0;
    ++way.taken;
    bytes_ += row.size;
    return true;
  }
  if (outcome == LinkOutcome::unsupported && ++way.failures == kMostFailures) way.open = false;
  return false;
}

// Looked at under its new name: nobody else can put something different there.
LinkOutcome ObjectTaker::link(const Segment& from, const ObjectId& id, const ObjectRow& row, int to,
                              const char* name) const {
  const LinkOutcome outcome = hard_link(from.directory.get(), id.file_name().c_str(), to, name);
  if (outcome != LinkOutcome::linked) return outcome;
  const auto info = stat_at(to, name);
  if (info && looks_right(*info, id, row)) return outcome;
  remove_file_quietly_at(to, name);
  return LinkOutcome::missing;
}

LinkOutcome ObjectTaker::clone(const Segment& from, const ObjectId& id, const ObjectRow& row, int to, const char* name,
                               Fd& written) const {
  const std::string file_name = id.file_name();
  const Fd file = reading_base(base_, id, row, [&] { return try_open_read_at(from.directory.get(), file_name); });
  if (!file || !looks_right(stat_fd(file.get(), file_name), id, row)) return LinkOutcome::missing;
  const LinkOutcome outcome =
      clone_file(file.get(), to, name, canonical_mode(id.executable), canonical_mtime(id.digest));
  if (outcome == LinkOutcome::linked) written = open_read_at(to, name);
  return outcome;
}

void ObjectTaker::copy(const Segment& from, const ObjectId& id, const ObjectRow& row) {
  const std::string file_name = id.file_name();
  const Fd file = reading_base(base_, id, row, [&] { return try_open_read_at(from.directory.get(), file_name); });
  if (!file) throw_missing(base_, id, row);
  const struct stat info = stat_fd(file.get(), file_name);
  if (!S_ISREG(info.st_mode) || static_cast<std::uint64_t>(info.st_size) != row.size) {
    throw_damaged(base_, id, row, "does not have the size that it must have");
  }
  const auto produce = [&](const ObjectBatch::Sink& sink) {
    thread_local std::vector<char> buffer(kReadBytes);
    Sha256 hasher;
    std::uint64_t offset = 0;
    while (offset < row.size) {
      check_interrupt();
      const std::size_t got = reading_base(base_, id, row, [&] {
        return pread_full(file.get(), buffer.data(), std::min<std::uint64_t>(buffer.size(), row.size - offset), offset,
                          file_name);
      });
      if (got == 0) break;
      hasher.update({buffer.data(), got});
      sink({buffer.data(), got});
      offset += got;
    }
    const Sha256Digest digest = hasher.finish();
    if (digest != id.digest) throw_damaged(base_, id, row, "has other bytes than its name says");
    return digest;
  };
  static_cast<void>(batch_.put(produce, id.executable, row.crc32, id.digest));
  const std::lock_guard lock(mutex_);
  ++copied_;
  bytes_ += row.size;
}

void ObjectTaker::take(const ObjectId& id, const ObjectRow& row) {
  if (batch_.find(id)) return;
  if (row.size == 0) throw_damaged(base_, id, row, "is noted down without bytes");
  const Segment& from = segment(row.segment);
  if (from.believed) {
    if (try_way(linking_, id, row, [&](int to, const char* name, Fd&) { return link(from, id, row, to, name); }))
      return;
    if (try_way(cloning_, id, row,
                [&](int to, const char* name, Fd& written) { return clone(from, id, row, to, name, written); })) {
      return;
    }
  }
  copy(from, id, row);
}

FromBases ObjectTaker::counts() const {
  const std::lock_guard lock(mutex_);
  FromBases counts;
  counts.linked = linking_.taken;
  counts.cloned = cloning_.taken;
  counts.copied = copied_;
  counts.bytes = bytes_;
  return counts;
}

std::optional<FromBases> take_objects(const Store& store, const Store& base, ObjectBatch& batch,
                                      std::span<const ObjectId> objects, unsigned threads) {
  std::vector<ObjectId> missing;
  std::unordered_set<ObjectId> seen;
  store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    for (const ObjectId& id : objects) {
      if (seen.insert(id).second && !schema.objects.has(txn, id)) missing.push_back(id);
    }
  });
  try {
    std::vector<ObjectRow> rows(missing.size());
    base.index().read([&](const ReadTxn& txn, const Schema& schema) {
      for (std::size_t i = 0; i < missing.size(); ++i) {
        const auto row = schema.objects.get(txn, missing[i]);
        if (!row) throw NotFound("the object " + missing[i].file_name() + " is not in the index");
        rows[i] = *row;
      }
    });
    ObjectTaker taker(base, batch);
    parallel_for(missing.size(), threads == 0 ? available_cpus() : threads, [&](std::size_t i) {
      taker.take(missing[i], rows[i]);
      failpoint("taken-over");
    });
    FromBases counts = taker.counts();
    if (counts.linked > 0) remember_linked_base(store, base);
    return counts;
  } catch (const NotFound&) {
    return std::nullopt;  // a collector is at work there
  } catch (const Corruption& error) {
    store.warn("not taken over from " + base.layout().root() + ": " + error.message());
    return std::nullopt;
  }
}

}  // namespace cas
