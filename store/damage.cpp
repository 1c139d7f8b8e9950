#include "store/damage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/interpreters.hpp"
#include "store/packages/packages.hpp"
#include "store/quarantine.hpp"
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

struct DamagedObject {
  ObjectId id;
  ObjectRow row;
};

struct PackageDamage {
  bool manifest = false;               // it cannot be read
  bool rows = false;                   // it names an object that the index does not have
  std::vector<DamagedObject> objects;  // by one look at each
};

PackageDamage damage_of_package(const Store& store, const PackageRow& package) {
  PackageDamage damage;
  try {
    for_each_object(read_manifest(store.layout(), package.manifest), [&](const ObjectId& id, std::uint64_t) {
      const auto row = find_object(store, id);
      damage.rows = damage.rows || !row;
      if (row && !damage_of(store, id, *row).empty()) damage.objects.push_back({id, *row});
    });
  } catch (const Corruption&) {
    damage.manifest = true;
  }
  return damage;
}

}  // namespace

void erase_object(WriteTxn& txn, const Schema& schema, const ObjectId& id) {
  const auto row = schema.objects.get(txn, id);
  if (!row) return;
  schema.objects.erase(txn, id);
  SegmentRow segment = schema.segments.get(txn, row->segment).value_or(SegmentRow{});
  segment.objects -= std::min(segment.objects, 1U);
  if (segment.objects == 0) {
    schema.segments.erase(txn, row->segment);
  } else {
    schema.segments.put(txn, row->segment, segment);
  }
}

std::string object_damage(const Store& store, const ObjectId& id) {
  const auto row = find_object(store, id);
  return row ? damage_of(store, id, *row) : std::string();
}

std::string also_seen_by(const std::vector<std::string>& environments) {
  if (environments.empty()) return {};
  std::string text = "; other environments have it, too:";
  for (const std::string& environment : environments) text += " " + printable(environment);
  return text;
}

std::string object_remedy(const Store& store, const ObjectId& id) {
  return object_remedy(store, users_of_objects(store, {id}).at(id));
}

std::string object_remedy(const Store& store, const ObjectUsers& users) {
  std::string repair = "`cas repair` brings it back";
  if (users.packages.empty()) return repair;
  const Package& package = users.packages.front();
  if (!package.row.normalized_name.starts_with('@')) {
    return fmt::format("{}; so does adding the wheel of {} {} again, `cas add {}`", repair, package.row.name,
                       package.row.version, package.row.file_name);
  }
  for (const StoredInterpreter& interpreter : list_interpreters(store)) {
    if (interpreter.artifact != package.artifact) continue;
    return fmt::format("{}; so does capturing the interpreter again, `cas python add {}`", repair, interpreter.origin);
  }
  return repair;
}

bool forget_damaged_package(const Store& store, const Sha256Digest& artifact) {
  const auto package = find_package(store.index(), artifact);
  if (!package) return false;
  const PackageDamage seen = damage_of_package(store, package->row);
  if (!seen.manifest && !seen.rows && seen.objects.empty()) return false;
  // No maker may be committing what stands on them, and no collector be counting.
  const FileLock lock = store.lock_gc(LockMode::exclusive);
  const std::vector<DamagedObject> damaged = damage_of_package(store, package->row).objects;
  store.index().write(
      [&](WriteTxn& txn, const Schema& schema) {
        for (const DamagedObject& object : damaged) {
          const auto row = schema.objects.get(txn, object.id);
          if (row && row->segment == object.row.segment) erase_object(txn, schema, object.id);
        }
        schema.packages.erase(txn, artifact);
      },
      Growth::none);
  for (const DamagedObject& object : damaged) {
    put_away_damaged_file(store, store.layout().object(object.row.segment, object.id), object.id);
  }
  return true;
}

}  // namespace cas
