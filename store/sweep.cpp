#include "store/sweep.hpp"

#include <algorithm>
#include <span>
#include <unordered_set>

#include "store/base/codec.hpp"
#include "store/base/failpoint.hpp"
#include "store/leaving_names.hpp"
#include "store/linked_bases.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// A batch is what a creator may have to wait for: some 5 ms.
constexpr std::size_t kBatchObjects = 512;
constexpr std::size_t kBatchPackages = 128;

using Position = ObjectTable::Position;

// By segment, so that a batch touches one directory.
std::vector<Position> find_garbage(const ObjectTable& objects) {
  std::vector<Position> garbage;
  for (Position i = 0; i < objects.size(); ++i) {
    if (!objects.is_held(i)) garbage.push_back(i);
  }
  std::ranges::stable_sort(garbage, {}, [&](Position i) { return objects.segment(i); });
  return garbage;
}

// Plans that stand on one of these.
std::vector<Sha256Digest> plans_on(const ReadTxn& txn, const Schema& schema,
                                   const std::unordered_set<Sha256Digest>& artifacts) {
  std::vector<Sha256Digest> plans;
  schema.plans.for_each_raw(txn, [&](const Sha256Digest& key, std::string_view row) {
    ByteReader reader(PlanRowCodec::decode_needs(row).artifacts);
    while (!reader.at_end()) {
      if (!artifacts.contains(reader.digest())) continue;
      plans.push_back(key);
      return;
    }
  });
  return plans;
}

void forget_batch(const Store& store, Mark& mark, std::span<const GcPackage> batch, GcResult& result) {
  const FileLock lock = store.lock_gc(LockMode::exclusive);
  mark.refresh();
  std::vector<Sha256Digest> manifests;
  store.index().write(
      [&](WriteTxn& txn, const Schema& schema) {
        std::unordered_set<Sha256Digest> gone;
        for (const GcPackage& package : batch) {
          if (mark.keeps(package.artifact)) continue;
          const auto row = schema.packages.get(txn, package.artifact);
          if (!row) continue;
          schema.packages.erase(txn, package.artifact);
          gone.insert(package.artifact);
          manifests.push_back(row->manifest);
          result.packages.push_back(package);
        }
        if (!gone.empty()) {
          for (const Sha256Digest& key : plans_on(txn, schema, gone)) schema.plans.erase(txn, key);
        }
        failpoint("gc-packages");
      },
      Growth::none);
  failpoint("gc-packages-committed");
  for (const Sha256Digest& manifest : manifests) remove_file_at(kCurrentDirectory, store.layout().manifest(manifest));
}

class Sweep {
 public:
  Sweep(const Store& store, Mark& mark, const GcOptions& options, GcResult& result)
      : store_(store), mark_(mark), leaving_(mark.roots(), options.leaving), in_bases_(store), result_(result) {}

  void count(std::span<const Position> batch) {
    const Fd directory = open_segment(batch);
    for (const Garbage& one : still_garbage(batch, directory.get())) note(one);
  }

  void remove(std::span<const Position> batch) {
    const FileLock lock = store_.lock_gc(LockMode::exclusive);
    const Fd directory = open_segment(batch);
    // Somebody is filling this segment: its files may be about to be replaced. The next collection takes it.
    if (directory && !try_lock_fd(directory.get(), LockMode::exclusive)) {
      result_.objects_left += batch.size();
      return;
    }
    mark_.refresh();
    std::vector<Garbage> gone = still_garbage(batch, directory.get());
    if (gone.empty()) return;
    remove_rows(mark_.objects().segment(batch.front()), gone);
    failpoint("gc-batch-committed");
    ++result_.batches;
    for (const Garbage& one : gone) {
      // Left over: an orphan, found later.
      if (directory) remove_file_quietly_at(directory.get(), mark_.objects().id(one.object).file_name());
      failpoint("gc-unlinked");
      note(one);
    }
  }

 private:
  struct Garbage {
    Position object;
    bool in_base;  // which holds its bytes
  };

  void note(const Garbage& gone) {
    ++result_.objects_removed;
    if (!gone.in_base) result_.bytes_freed += mark_.objects().bytes(gone.object);
  }

  [[nodiscard]] Fd open_segment(std::span<const Position> batch) const {
    const std::uint32_t segment = mark_.objects().segment(batch.front());
    return try_open_directory_at(kCurrentDirectory, store_.layout().segment(segment));
  }

  // The objects that may go: not taken up since the mark, and without another name but those of base stores.
  std::vector<Garbage> still_garbage(std::span<const Position> batch, int directory) {
    std::vector<Garbage> gone;
    for (const Position object : batch) {
      if (mark_.objects().is_held(object)) {
        ++result_.objects_kept;
        continue;
      }
      const ObjectId& id = mark_.objects().id(object);
      const auto info = directory < 0 ? std::nullopt : stat_at(directory, id.file_name());
      const nlink_t known = info ? 1 + leaving_.of(*info) : 0;
      const nlink_t in_bases = info && info->st_nlink > known ? in_bases_.of(id, *info) : 0;
      if (info && info->st_nlink > known + in_bases) {
        // Some environment holds the inode, on whatever mount: deleting this name would free nothing and end sharing.
        ++result_.objects_held;
        continue;
      }
      gone.push_back({object, in_bases > 0});
    }
    return gone;
  }

  // Leaves in `gone` what the index still had there.
  void remove_rows(std::uint32_t segment, std::vector<Garbage>& gone) {
    store_.index().write(
        [&](WriteTxn& txn, const Schema& schema) {
          std::erase_if(gone, [&](const Garbage& one) {
            const ObjectId& id = mark_.objects().id(one.object);
            const auto row = schema.objects.get(txn, id);
            if (!row || row->segment != segment) return true;
            schema.objects.erase(txn, id);
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
  }

  const Store& store_;
  Mark& mark_;
  LeavingNames leaving_;
  BaseNames in_bases_;
  GcResult& result_;
};

}  // namespace

void forget_plans(const Store& store, Mark& mark, const Deadline& deadline, GcResult& result) {
  const std::span<const GcPlan> evicted = mark.evicted_plans();
  for (std::size_t i = 0; i < evicted.size(); i += kBatchPackages) {
    check_interrupt();
    if (deadline.passed()) {
      result.stop = GcStop::max_duration;
      return;
    }
    const FileLock lock = store.lock_gc(LockMode::exclusive);
    mark.refresh();
    store.index().write(
        [&](WriteTxn& txn, const Schema& schema) {
          for (const GcPlan& plan : evicted.subspan(i, std::min(kBatchPackages, evicted.size() - i))) {
            if (!mark.keeps_plan(plan.key) && schema.plans.erase(txn, plan.key)) result.plans.push_back(plan);
          }
          failpoint("gc-plans");
        },
        Growth::none);
  }
}

void forget_packages(const Store& store, Mark& mark, const Deadline& deadline, GcResult& result) {
  const std::span<const GcPackage> evicted = mark.evicted();
  for (std::size_t i = 0; i < evicted.size(); i += kBatchPackages) {
    check_interrupt();
    if (deadline.passed()) {
      result.stop = GcStop::max_duration;
      return;
    }
    forget_batch(store, mark, evicted.subspan(i, std::min(kBatchPackages, evicted.size() - i)), result);
  }
}

void sweep_objects(const Store& store, Mark& mark, const GcOptions& options, const Deadline& deadline, GcResult& result,
                   Progress& progress) {
  const std::vector<Position> garbage = find_garbage(mark.objects());
  result.objects_kept += mark.objects().size() - garbage.size();
  progress.phase("collecting", garbage.size());
  Sweep sweep(store, mark, options, result);
  for (std::size_t i = 0; i < garbage.size();) {
    check_interrupt();
    if (options.max_freed && result.bytes_freed >= *options.max_freed) result.stop = GcStop::max_freed;
    if (deadline.passed()) result.stop = GcStop::max_duration;
    if (result.stop != GcStop::finished) {
      result.objects_left += garbage.size() - i;
      return;
    }
    std::size_t end = i + 1;
    const std::uint32_t segment = mark.objects().segment(garbage[i]);
    while (end < garbage.size() && end - i < kBatchObjects && mark.objects().segment(garbage[end]) == segment) ++end;
    const std::span<const Position> batch(garbage.data() + i, end - i);
    if (options.dry_run) {
      sweep.count(batch);
    } else {
      sweep.remove(batch);
    }
    progress.advance(batch.size());
    i = end;
  }
}

}  // namespace cas
