#include "store/gc.hpp"

#include <algorithm>
#include <map>

#include "store/base/codec.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/timing.hpp"
#include "store/bytecode.hpp"
#include "store/history.hpp"
#include "store/leftovers.hpp"
#include "store/mark.hpp"
#include "store/sys/file.hpp"
#include "store/sys/publish.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

// A batch is what a creator may have to wait for: some 5 ms.
constexpr std::size_t kBatchObjects = 512;

struct DeadObject {
  ObjectId id;
  std::uint32_t segment = 0;
  std::uint64_t size = 0;
};

// Rows that nothing live names, by segment, so that a batch touches one directory.
std::vector<DeadObject> find_dead(const Store& store, const Mark& mark, GcResult& result) {
  std::vector<DeadObject> dead;
  store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    schema.objects.for_each(txn, [&](const ObjectId& id, const ObjectRow& row) {
      if (mark.is_live(id)) {
        ++result.objects_kept;
      } else {
        dead.push_back({id, row.segment, row.size});
      }
    });
  });
  std::stable_sort(dead.begin(), dead.end(),
                   [](const DeadObject& a, const DeadObject& b) { return a.segment < b.segment; });
  return dead;
}

// Under gc.lock: forgets packages that are still not wanted, and the plans that stand on them.
void forget_packages(const Store& store, Mark& mark, GcResult& result) {
  if (mark.evicted().empty()) return;
  const FileLock lock = store.lock_gc(LockMode::exclusive);
  mark.refresh();
  std::vector<Sha256Digest> manifests;
  store.index().write(
      [&](WriteTxn& txn, const Schema& schema) {
        manifests.clear();
        result.packages.clear();
        for (const GcPackage& package : mark.evicted()) {
          if (mark.keeps(package.artifact)) continue;
          const auto row = schema.packages.get(txn, package.artifact);
          if (!row) continue;
          schema.packages.erase(txn, package.artifact);
          manifests.push_back(row->manifest);
          result.packages.push_back(package);
        }
        std::vector<Sha256Digest> plans;
        schema.plans.for_each(txn, [&](const Sha256Digest& key, const PlanRow& row) {
          ByteReader artifacts(row.artifacts);
          while (!artifacts.at_end()) {
            if (schema.packages.has(txn, artifacts.digest())) continue;
            plans.push_back(key);
            return;
          }
        });
        for (const Sha256Digest& key : plans) schema.plans.erase(txn, key);
        failpoint("gc-packages");
      },
      Growth::none);
  failpoint("gc-packages-committed");
  for (const Sha256Digest& manifest : manifests) remove_file_at(kCurrentDirectory, store.layout().manifest(manifest));
}

// The objects of one batch that may go: not taken up since the mark, and without another name.
std::vector<DeadObject> still_dead(const std::vector<DeadObject>& batch, const Mark& mark, int directory,
                                   GcResult& result) {
  std::vector<DeadObject> gone;
  for (const DeadObject& object : batch) {
    if (mark.is_live(object.id)) {
      ++result.objects_kept;
      continue;
    }
    const auto info = directory < 0 ? std::nullopt : stat_at(directory, object.id.file_name());
    if (info && info->st_nlink > 1) {
      // Some environment holds the inode, on whatever mount: deleting this name would free nothing and end sharing.
      ++result.objects_held;
      continue;
    }
    gone.push_back(object);
  }
  return gone;
}

void sweep_batch(const Store& store, Mark& mark, const std::vector<DeadObject>& batch, GcResult& result) {
  const std::uint32_t segment = batch.front().segment;
  const FileLock lock = store.lock_gc(LockMode::exclusive);
  const Fd directory = try_open_directory_at(kCurrentDirectory, store.layout().segment(segment));
  // Somebody is filling this segment: its files may be about to be replaced. The next collection takes it.
  if (directory && !try_lock_fd(directory.get(), LockMode::exclusive)) return;
  mark.refresh();
  std::vector<DeadObject> gone = still_dead(batch, mark, directory.get(), result);
  if (gone.empty()) return;
  store.index().write(
      [&](WriteTxn& txn, const Schema& schema) {
        std::erase_if(gone, [&](const DeadObject& object) {
          const auto row = schema.objects.get(txn, object.id);
          if (!row || row->segment != segment) return true;
          schema.objects.erase(txn, object.id);
          return false;
        });
        SegmentRow row = schema.segments.get(txn, segment).value_or(SegmentRow{});
        row.objects -= std::min(row.objects, static_cast<std::uint32_t>(gone.size()));
        if (row.objects == 0) {
          schema.segments.erase(txn, segment);
        } else {
          schema.segments.put(txn, segment, row);
        }
        failpoint("gc-batch");
      },
      Growth::none);
  failpoint("gc-batch-committed");
  ++result.batches;
  for (const DeadObject& object : gone) {
    if (directory) remove_file_quietly_at(directory.get(), object.id.file_name());  // left over: an orphan, found later
    failpoint("gc-unlinked");
    ++result.objects_removed;
    result.bytes_freed += object.size;
  }
}

void sweep(const Store& store, Mark& mark, const std::vector<DeadObject>& dead, GcResult& result, Progress& progress) {
  progress.phase("collecting", dead.size());
  std::vector<DeadObject> batch;
  for (std::size_t i = 0; i < dead.size();) {
    check_interrupt();
    batch.clear();
    const std::uint32_t segment = dead[i].segment;
    while (i < dead.size() && dead[i].segment == segment && batch.size() < kBatchObjects) batch.push_back(dead[i++]);
    sweep_batch(store, mark, batch, result);
    progress.advance(batch.size());
  }
}

// What was compiled, and has just been collected, is not remembered any more; nor that a source that is gone does not compile.
void forget_bytecode(const Store& store) {
  const auto gone =
      store.index().read([&](const ReadTxn& txn, const Schema& schema) { return lost_bytecode(txn, schema); });
  if (gone.empty()) return;
  store.index().write(
      [&](WriteTxn& txn, const Schema& schema) {
        // Looked at again: it may have been compiled anew meanwhile.
        for (const Sha256Digest& key : gone) {
          const auto row = schema.bytecode.get(txn, key);
          if (row && is_lost(txn, schema, *row)) schema.bytecode.erase(txn, key);
        }
        failpoint("gc-bytecode");
      },
      Growth::none);
  failpoint("gc-bytecode-committed");
}

bool is_leaving(const Root& root, const GcOptions& options) {
  return std::ranges::find(options.leaving, root.anchor.id) != options.leaving.end();
}

// How many names each file has in the environments that are leaving.
using Names = std::map<std::pair<dev_t, ino_t>, nlink_t>;

Names leaving_names(const Mark& mark, const GcOptions& options) {
  Names names;
  for (const Root& root : mark.roots()) {
    if (!is_leaving(root, options)) continue;
    const Fd directory = try_open_directory_at(kCurrentDirectory, root.anchor.target);
    if (!directory) continue;
    walk_tree(directory.get(), [&](const std::string&, const struct stat& info) {
      if (S_ISREG(info.st_mode)) ++names[{info.st_dev, info.st_ino}];
    });
  }
  return names;
}

void count_only(const Store& store, const Mark& mark, const GcOptions& options, const std::vector<DeadObject>& dead,
                GcResult& result) {
  result.packages = mark.evicted();
  const Names leaving = leaving_names(mark, options);
  for (const DeadObject& object : dead) {
    const auto info = stat_path(store.layout().object(object.segment, object.id));
    const auto gone = info ? leaving.find({info->st_dev, info->st_ino}) : leaving.end();
    if (info && info->st_nlink > 1 + (gone == leaving.end() ? 0 : gone->second)) {
      ++result.objects_held;
      continue;
    }
    ++result.objects_removed;
    result.bytes_freed += object.size;
  }
}

// Anchors whose environment is gone go; one that was replaced, by a command that died then, becomes history.
void retire_dead(const Store& store, const Mark& mark, const GcOptions& options, GcResult& result) {
  const auto is_dead = [](const Root& root) { return root.state == AnchorState::dead; };
  // Successors may have come since the mark.
  const std::vector<Root> now = std::ranges::any_of(mark.roots(), is_dead) ? list_roots(store) : std::vector<Root>{};
  for (const Root& root : mark.roots()) {
    if (!is_dead(root)) continue;
    const auto successor = std::ranges::find_if(
        now, [&](const Root& other) { return !is_dead(other) && other.anchor.replaces == root.anchor.id; });
    if (successor == now.end() && !is_leaving(root, options)) result.gone.push_back(root.anchor.target);
    if (options.dry_run) continue;
    if (successor == now.end()) {
      retire_root(store, root);
    } else {
      keep_revision(store, root, successor->anchor);
    }
  }
  if (!options.dry_run) remove_expired_history(store, mark.roots(), options.drop_history);
}

}  // namespace

GcResult collect_garbage(const Store& store, const GcOptions& options, Progress& progress) {
  GcResult result;
  DiskReserve reserve(store, options.dry_run);
  result.pages = remove_old_pages(store, options.pages_max_age, options.dry_run);
  {
    const Timer timer("clean up after dead makers");
    result.leftovers_removed += clean_dead_makers(store, options.dry_run);
    // Before the mark: there may be environments in it, of builds that were killed.
    if (!options.dry_run) result.leftovers_removed += remove_dead_staging(store.layout().staging());
  }
  Mark mark = [&] {
    const Timer timer("mark");
    return Mark(store, options, progress);
  }();
  result.environments = mark.live_environments();
  retire_dead(store, mark, options, result);
  result.history_revisions = mark.history().revisions;
  result.history_packages = mark.history().packages.size();
  result.history_bytes = mark.history_bytes();
  if (!options.dry_run) forget_packages(store, mark, result);

  const Timer timer("sweep");
  const std::vector<DeadObject> dead = find_dead(store, mark, result);
  if (options.dry_run) {
    count_only(store, mark, options, dead, result);
    result.warnings = mark.warnings();
    return result;
  }
  sweep(store, mark, dead, result, progress);
  if (result.objects_removed > 0) forget_bytecode(store);
  result.leftovers_removed += remove_leftovers(store);
  result.warnings = mark.warnings();
  return result;
}

}  // namespace cas
