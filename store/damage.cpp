#include "store/damage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "store/base/error.hpp"
#include "store/interpreters.hpp"
#include "store/packages/packages.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

std::string damage_of(const Store& store, const ObjectId& id, const ObjectRow& row) {
  const auto info = stat_path(store.layout().object(row.segment, id));
  if (!info || !S_ISREG(info->st_mode)) return "it is missing";
  if (static_cast<std::uint64_t>(info->st_size) != row.size) return "its size was changed";
  if (info->st_mtim.tv_sec != canonical_mtime(id.digest)) return "its modification time was changed";
  if ((info->st_mode & 07777) != canonical_mode(id.executable)) return "its mode was changed";
  return {};
}

bool has_object(const Store& store, const Package& package, const ObjectId& id) {
  bool found = false;
  try {
    for_each_object(read_manifest(store.layout(), package.row.manifest),
                    [&](const ObjectId& object, std::uint64_t) { found = found || object == id; });
  } catch (const Error&) {  // a damaged manifest names nothing
  }
  return found;
}

struct DamagedObject {
  ObjectId id;
  ObjectRow row;
};

// nullopt: its manifest cannot be read.
std::optional<std::vector<DamagedObject>> damaged_objects(const Store& store, const PackageRow& package) {
  std::vector<DamagedObject> damaged;
  try {
    for_each_object(read_manifest(store.layout(), package.manifest), [&](const ObjectId& id, std::uint64_t) {
      const auto row = find_object(store, id);
      if (row && !damage_of(store, id, *row).empty()) damaged.push_back({id, *row});
    });
  } catch (const Corruption&) {
    return std::nullopt;
  }
  return damaged;
}

void forget_object(WriteTxn& txn, const Schema& schema, const DamagedObject& object) {
  const auto row = schema.objects.get(txn, object.id);
  if (!row || row->segment != object.row.segment) return;
  schema.objects.erase(txn, object.id);
  SegmentRow segment = schema.segments.get(txn, row->segment).value_or(SegmentRow{});
  segment.objects -= std::min(segment.objects, 1U);
  if (segment.objects == 0) {
    schema.segments.erase(txn, row->segment);
  } else {
    schema.segments.put(txn, row->segment, segment);
  }
}

}  // namespace

std::string object_damage(const Store& store, const ObjectId& id) {
  const auto row = find_object(store, id);
  return row ? damage_of(store, id, *row) : std::string();
}

std::string object_remedy(const Store& store, const ObjectId& id) {
  for (const Package& package : list_packages(store.index())) {
    if (!has_object(store, package, id)) continue;
    if (!package.row.normalized_name.starts_with('@')) {
      return fmt::format("add the wheel of {} {} again, `cas add {}`, which replaces it", package.row.name,
                         package.row.version, package.row.file_name);
    }
    for (const StoredInterpreter& interpreter : list_interpreters(store)) {
      if (interpreter.artifact == package.artifact)
        return fmt::format("capture the interpreter again, `cas python add {}`, which replaces it", interpreter.origin);
    }
  }
  return "run `cas index rebuild`: it is made again when an environment needs it";
}

bool forget_damaged_package(const Store& store, const Sha256Digest& artifact) {
  const auto package = find_package(store.index(), artifact);
  if (!package) return false;
  const auto seen = damaged_objects(store, package->row);
  if (seen && seen->empty()) return false;
  // No maker may be committing what stands on them, and no collector be counting.
  const FileLock lock = store.lock_gc(LockMode::exclusive);
  const std::vector<DamagedObject> damaged =
      damaged_objects(store, package->row).value_or(std::vector<DamagedObject>{});
  store.index().write(
      [&](WriteTxn& txn, const Schema& schema) {
        for (const DamagedObject& object : damaged) forget_object(txn, schema, object);
        schema.packages.erase(txn, artifact);
      },
      Growth::none);
  for (const DamagedObject& object : damaged) {
    remove_file_quietly_at(kCurrentDirectory, store.layout().object(object.row.segment, object.id));
  }
  return true;
}

}  // namespace cas
