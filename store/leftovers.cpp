#include "store/leftovers.hpp"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "store/base/failpoint.hpp"
#include "store/sys/file.hpp"
#include "store/sys/probe.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

constexpr std::uint64_t kFullDiskBytes = std::uint64_t{2} << 20;
constexpr std::size_t kReserveBytes = std::size_t{1} << 20;

// With the segment's lock held nobody has an object here that is not committed yet.
std::uint64_t remove_orphans(const Store& store, std::uint32_t number) {
  const std::string path = store.layout().segment(number);
  const Fd directory = try_open_directory_at(kCurrentDirectory, path);
  if (!directory || !try_lock_fd(directory.get(), LockMode::exclusive)) return 0;
  std::vector<std::string> names;
  list_directory(directory.get(), path, [&](const std::string& name, unsigned char) { names.push_back(name); });
  const auto row =
      store.index().read([&](const ReadTxn& txn, const Schema& schema) { return schema.segments.get(txn, number); });
  // As many files as rows: nothing to look for. Reading a directory costs a hundredth of looking every name up.
  if (row && row->objects == names.size()) return 0;
  // What a take-over left that was killed has names in another store.
  const bool killed = std::ranges::find(names, kTakeOverMark) != names.end();
  std::vector<std::string> orphans;
  store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    for (const std::string& name : names) {
      if (name == kTakeOverMark) continue;
      const auto id = ObjectId::from_file_name(name);
      const auto object = id ? schema.objects.get(txn, *id) : std::nullopt;
      if (object && object->segment == number) continue;
      // Some environment holds it: nothing would be freed, and should the index be wrong, a rebuild needs it.
      const auto info = stat_at(directory.get(), name);
      if (info && (info->st_nlink == 1 || killed)) orphans.push_back(name);
    }
  });
  // The last: without it the others would stay.
  if (killed) orphans.emplace_back(kTakeOverMark);
  for (const std::string& name : orphans) remove_file_at(directory.get(), name);
  std::uint64_t removed = orphans.size();
  if (!row && remove_directory_at(kCurrentDirectory, path)) ++removed;
  return removed;
}

// What is no file, nobody here has made: it stays, and keeps nothing from going.
bool remove_stray(int directory, const std::string& name) {
  const auto info = stat_at(directory, name);
  return info && !S_ISDIR(info->st_mode) && remove_file_at(directory, name);
}

// Manifests that no package names.
std::vector<std::string> stray_manifests(const Store& store) {
  std::unordered_set<std::string> named;
  store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    schema.packages.for_each(txn,
                             [&](const Sha256Digest&, const PackageRow& row) { named.insert(row.manifest.hex()); });
  });
  std::vector<std::string> strays;
  const Fd directory = open_directory(store.layout().manifests());
  list_directory(directory.get(), store.layout().manifests(), [&](const std::string& name, unsigned char) {
    if (!named.contains(name)) strays.push_back(name);
  });
  return strays;
}

// What writers of small files here, anchors and pins, left when they died.
std::uint64_t remove_drafts(const std::string& path) {
  const Fd directory = try_open_directory_at(kCurrentDirectory, path);
  if (!directory) return 0;
  std::vector<std::string> drafts;
  list_directory(directory.get(), path, [&](const std::string& name, unsigned char) {
    if (name.starts_with('.')) drafts.push_back(name);
  });
  return static_cast<std::uint64_t>(
      std::ranges::count_if(drafts, [&](const std::string& name) { return remove_stray(directory.get(), name); }));
}

// Manifests get their names under gc.lock shared, in the same hold as their rows: with it exclusive, one without a row is
// garbage. Anchors and pins, too, get their names under this lock.
std::uint64_t remove_stray_files(const Store& store) {
  // Without the lock first: nobody waits where there is nothing to find.
  const bool strays = !stray_manifests(store).empty();
  const FileLock lock = store.lock_gc(LockMode::exclusive);
  std::uint64_t removed = remove_drafts(store.layout().roots()) + remove_drafts(store.layout().pins());
  if (!strays) return removed;
  const Fd manifests = open_directory(store.layout().manifests());
  for (const std::string& name : stray_manifests(store)) removed += remove_stray(manifests.get(), name) ? 1 : 0;
  return removed;
}

}  // namespace

std::uint64_t remove_leftovers(const Store& store) {
  std::uint64_t removed = remove_dead_staging(store.layout().staging());
  std::vector<std::uint32_t> segments;
  const Fd objects = open_directory(store.layout().objects());
  list_directory(objects.get(), store.layout().objects(), [&](const std::string& name, unsigned char) {
    if (const auto number = parse_segment_name(name)) segments.push_back(*number);
  });
  for (const std::uint32_t number : segments) removed += remove_orphans(store, number);
  failpoint("gc-orphans");
  return removed + remove_stray_files(store);
}

DiskReserve::DiskReserve(const Store& store, bool dry_run) : store_(store) {
  if (dry_run || filesystem_of(store.layout().root()).free_bytes > kFullDiskBytes) return;
  released_ = remove_file_at(kCurrentDirectory, store.layout().reserve());
}

DiskReserve::~DiskReserve() {
  if (!released_) return;
  try {
    publish_file(store_.layout().root(), "reserve", std::string(kReserveBytes, '\0'), 0600, Durability::none);
  } catch (const Error&) {
    // Still full: the next collection does without.
  }
}

}  // namespace cas
