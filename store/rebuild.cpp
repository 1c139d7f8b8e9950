#include "store/rebuild.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <mutex>

#include "store/base/codec.hpp"
#include "store/base/crc32.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/pool.hpp"
#include "store/base/relpath.hpp"
#include "store/packages/packages.hpp"
#include "store/quarantine.hpp"
#include "store/sys/durability.hpp"
#include "store/sys/file.hpp"
#include "store/sys/lock.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;

struct Found {
  ObjectId id;
  ObjectRow row;
  bool again = false;  // an earlier segment has it, too
};

// The content is right: then mode and time are made so, too.
void restore_metadata(int file, const ObjectId& id, const std::string& name) {
  const struct stat info = stat_fd(file, name);
  try {
    if ((info.st_mode & 07777) != canonical_mode(id.executable)) set_mode(file, canonical_mode(id.executable), name);
    if (info.st_mtim.tv_sec != canonical_mtime(id.digest)) set_mtime(file, canonical_mtime(id.digest), name);
  } catch (const SystemError&) {  // somebody else's file: verification names it
  }
}

// Hashes a file of a segment; nullopt where it is not what its name says.
std::optional<Found> examine(int directory, std::uint32_t segment, const std::string& name) {
  const auto id = ObjectId::from_file_name(name);
  const auto info = id ? stat_at(directory, name) : std::nullopt;
  if (!info || !S_ISREG(info->st_mode)) return std::nullopt;  // nor is a link followed
  const Fd file = try_open_read_at(directory, name);
  if (!file) return std::nullopt;
  thread_local std::vector<char> buffer(kReadBytes);
  Found found{*id, {}};
  found.row.segment = segment;
  Sha256 sha;
  FingerprintHasher fingerprint;
  Crc32 crc;
  while (const std::size_t got = pread_full(file.get(), buffer.data(), buffer.size(), found.row.size, name)) {
    check_interrupt();
    const std::string_view bytes(buffer.data(), got);
    sha.update(bytes);
    fingerprint.update(bytes);
    crc.update(bytes);
    found.row.size += got;
  }
  if (found.row.size == 0 || sha.finish() != id->digest) return std::nullopt;
  restore_metadata(file.get(), *id, name);
  found.row.crc32 = crc.value();
  found.row.fingerprint = fingerprint.finish();
  return found;
}

class Rebuild {
 public:
  Rebuild(const Store& store, unsigned threads, Progress& progress)
      : store_(store), threads_(threads), progress_(progress) {}

  RebuildResult run() {
    failpoint("rebuild-begun");
    std::vector<std::uint32_t> numbers;
    const Fd objects = open_directory(store_.layout().objects());
    list_directory(objects.get(), store_.layout().objects(), [&](const std::string& name, unsigned char) {
      if (const auto number = parse_segment_name(name)) numbers.push_back(*number);
    });
    std::sort(numbers.begin(), numbers.end());
    progress_.phase("hashing objects", numbers.size());
    for (const std::uint32_t number : numbers) {
      take_segment(objects.get(), number);
      progress_.advance(1);
    }
    failpoint("rebuild-objects");
    take_packages();
    failpoint("rebuild-packages");
    return std::move(result_);
  }

 private:
  void take_segment(int objects, std::uint32_t number) {
    const Fd directory = try_open_directory_at(objects, segment_name(number));
    if (!directory) return;  // empty, and removed by a collector that was about to end
    // Where a writer lives, what is not yet what its name says may become so.
    const bool abandoned = try_lock_fd(directory.get(), LockMode::exclusive);
    std::vector<std::string> names;
    list_directory(directory.get(), segment_name(number),
                   [&](const std::string& name, unsigned char) { names.push_back(name); });
    std::vector<std::optional<Found>> found(names.size());
    parallel_for(names.size(), threads_, [&](std::size_t i) { found[i] = examine(directory.get(), number, names[i]); });
    store_.index().write([&](WriteTxn& txn, const Schema& schema) {
      SegmentRow row;
      for (auto& object : found) {
        // The same object in two segments (after a crash): the first one counts.
        if (!object) continue;
        object->again = !schema.objects.insert(txn, object->id, object->row);
        if (!object->again) ++row.objects;
      }
      if (row.objects > 0) schema.segments.put(txn, number, row);
    });
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (found[i] && !found[i]->again) {
        ++result_.objects;
      } else if (abandoned && remove(directory.get(), number, names[i], found[i].has_value())) {
        ++result_.removed;
      }
    }
  }

  // A damaged object that environments have goes to the quarantine: by its inode there a repair finds them.
  bool remove(int directory, std::uint32_t number, const std::string& name, bool sound) {
    const auto info = stat_at(directory, name);
    if (!info || S_ISDIR(info->st_mode)) return false;
    const auto id = ObjectId::from_file_name(name);
    if (sound || !id || !S_ISREG(info->st_mode)) return remove_file_at(directory, name);
    put_away_damaged_file(store_, store_.layout().object(number, *id), *id);
    return !stat_at(directory, name);
  }

  void take_packages() {
    std::vector<std::string> names;
    const std::string path = store_.layout().manifests();
    list_directory(open_directory(path).get(), path,
                   [&](const std::string& name, unsigned char) { names.push_back(name); });
    std::sort(names.begin(), names.end());
    progress_.phase("reading manifests", names.size());
    for (const std::string& name : names) {
      try {
        take_package(name);
      } catch (const Error& error) {
        result_.incomplete.push_back("manifests/" + name + ": " + error.message());
      }
      progress_.advance(1);
    }
  }

  void take_package(const std::string& name) {
    const auto digest = Sha256Digest::from_hex(name);
    if (!digest) throw Corruption("is no manifest's name");
    const Manifest manifest = read_manifest(store_.layout(), *digest);
    const auto info = stat_path(store_.layout().manifest(*digest));
    PackageRow row;
    row.manifest = *digest;
    row.sequence = ++sequence_;
    row.added_at = row.used_at = info ? static_cast<std::uint64_t>(info->st_mtim.tv_sec) : 0;
    row.artifact_bytes = manifest.artifact_bytes;
    row.files = static_cast<std::uint32_t>(manifest.files.size());
    for (const PackageFile& file : manifest.files) row.content_bytes += file.size;
    row.record_differs = manifest.record_differs;
    row.name = manifest.metadata.name;
    row.normalized_name = manifest.metadata.normalized_name;
    row.version = manifest.metadata.version;
    row.file_name = manifest.metadata.file_name;
    store_.index().write([&](WriteTxn& txn, const Schema& schema) {
      for_each_object(manifest, [&](const ObjectId& id, std::uint64_t) {
        if (!schema.objects.has(txn, id)) {
          throw Corruption(row.name + " " + row.version + ": its file " + id.file_name() + " is missing",
                           "add its package again");
        }
      });
      schema.packages.put(txn, manifest.artifact, row);
      std::string text;
      ByteWriter(text).u64(sequence_);
      schema.meta.put(txn, "sequence", text);
    });
    ++result_.packages;
  }

  const Store& store_;
  unsigned threads_;
  Progress& progress_;
  RebuildResult result_;
  std::uint64_t sequence_ = 0;
};

}  // namespace

RebuildResult rebuild_index(const StoreOptions& options, unsigned threads, Progress& progress) {
  StoreLayout layout(absolute_path(options.path));
  const std::string index = index_directory_of(options, layout);
  const StoreOwnership ownership = prepare_store_directories(layout, index, options.trust);
  if (const auto looking = looking_only(layout, ownership)) {
    throw Error(fmt::format("rebuilding the index of {}: {}", printable(layout.root()), looking->reason),
                looking->hint);
  }
  const FileLock lock = FileLock::acquire(layout.gc_lock(), LockMode::exclusive);
  // Until the end nobody opens the store: an index that misses packages would make them garbage.
  // Whatever the durability: on btrfs the old index was gone after a crash, and this was not there (found by tests/power).
  publish_file(layout.root(), "rebuilding", "", 0644, Durability::batch);
  // With --durability none what lies there may not be on disk, and the note of that goes with the old index.
  sync_filesystem(open_directory(layout.root()).get(), layout.root());
  Index::destroy(index);
  StoreOptions rebuilding = options;
  rebuilding.rebuilding = true;
  const Store store = Store::open(rebuilding);
  RebuildResult result = Rebuild(store, threads == 0 ? available_cpus() : threads, progress).run();
  remove_file_at(kCurrentDirectory, layout.rebuilding());
  return result;
}

}  // namespace cas
