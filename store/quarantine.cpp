#include "store/quarantine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <unordered_set>

#include "store/base/codec.hpp"
#include "store/base/error.hpp"
#include "store/base/failpoint.hpp"
#include "store/damage.hpp"
#include "store/object_check.hpp"
#include "store/object_users.hpp"
#include "store/sys/file.hpp"
#include "store/sys/group_access.hpp"
#include "store/sys/link.hpp"

namespace cas {
namespace {

constexpr std::size_t kRandomDigits = 8;

std::vector<Package> packages_with(const Store& store, const std::unordered_set<ObjectId>& objects,
                                   std::span<const Sha256Digest> artifacts) {
  std::vector<Package> packages;
  const auto add = [&](const Package& package) {
    const auto same = [&](const Package& other) { return other.artifact == package.artifact; };
    if (std::ranges::none_of(packages, same)) packages.push_back(package);
  };
  for (const auto& [id, users] : users_of_objects(store, objects)) std::ranges::for_each(users.packages, add);
  for (const Sha256Digest& artifact : artifacts) {
    if (const auto package = find_package(store.index(), artifact)) add(*package);
  }
  return packages;
}

bool stands_on(const PlanRow& plan, const std::unordered_set<ObjectId>& objects,
               const std::unordered_set<Sha256Digest>& artifacts) {
  ByteReader packages(plan.artifacts);
  while (!packages.at_end()) {
    if (artifacts.contains(packages.digest())) return true;
  }
  ByteReader kept(plan.objects);
  while (!kept.at_end()) {
    if (objects.contains(kept.object())) return true;
  }
  return false;
}

std::string new_place(const Store& store, const ObjectId& id) {
  try_make_store_directory(quarantine_directory(store));
  return fmt::format("{}/{}.{}", quarantine_directory(store), id.file_name(), random_name().substr(0, kRandomDigits));
}

// Objects that are not there are no error. REQUIRES: gc.lock is held exclusively.
template <class Objects>
std::vector<std::string> move_files(const Store& store, const Objects& objects) {
  std::vector<std::string> places;
  for (const ObjectId& id : objects) {
    const auto row = find_object(store, id);
    const std::string file = row ? store.layout().object(row->segment, id) : std::string();
    if (file.empty() || !stat_path(file)) continue;
    places.push_back(new_place(store, id));
    rename_at(kCurrentDirectory, file, kCurrentDirectory, places.back());
  }
  return places;
}

// Somebody may have brought it back since it was found to be damaged. REQUIRES: gc.lock is held exclusively.
bool is_right(const Store& store, const ObjectId& id) {
  const auto row = find_object(store, id);
  if (!row) return false;
  const Fd segment = try_open_directory_at(kCurrentDirectory, store.layout().segment(row->segment));
  const auto info = segment ? stat_at(segment.get(), id.file_name()) : std::nullopt;
  if (!info || look_at_object(*info, id, row->size, store.ownership()).state != ObjectState::sound) return false;
  const Fd file = try_open_read_at(segment.get(), id.file_name());
  try {
    return file && read_object(file.get(), id, *row, Reading::digest, [] { return false; }) == ReadOutcome::right;
  } catch (const SystemError&) {  // a bad spot of the disk
    return false;
  }
}

bool has_manifest(const Store& store, const Sha256Digest& artifact) {
  const auto package = find_package(store.index(), artifact);
  if (!package) return false;
  try {
    return read_manifest(store.layout(), package->row.manifest).artifact == artifact;
  } catch (const Error&) {
    return false;
  }
}

std::unordered_set<ObjectId> still_damaged(const Store& store, std::span<const ObjectId> objects) {
  std::unordered_set<ObjectId> damaged;
  for (const ObjectId& id : objects) {
    if (!is_right(store, id)) damaged.insert(id);
  }
  return damaged;
}

bool is_in_use(const Store& store, const ObjectId& id, const struct stat& info) {
  const auto row = find_object(store, id);
  const auto current = row ? stat_path(store.layout().object(row->segment, id)) : std::nullopt;
  return current && current->st_dev == info.st_dev && current->st_ino == info.st_ino;
}

}  // namespace

std::vector<std::string> set_aside(const Store& store, std::span<const ObjectId> objects) {
  const FileLock lock = store.lock_gc(LockMode::exclusive);
  return move_files(store, still_damaged(store, objects));
}

std::string quarantine_directory(const Store& store) { return store.layout().quarantine(); }

std::string keep_damaged_file(const Store& store, int segment, const ObjectId& id) {
  return keep_damaged_file(store, segment, id.file_name(), id);
}

std::string keep_damaged_file(const Store& store, int directory, const std::string& name, const ObjectId& id) {
  std::string path = new_place(store, id);
  if (hard_link(directory, name.c_str(), kCurrentDirectory, path.c_str()) != LinkOutcome::linked) return {};
  return path;
}

void put_away_damaged_file(const Store& store, const std::string& path, const ObjectId& id) {
  try {
    const auto info = stat_path(path);
    if (info && info->st_nlink > 1) return rename_at(kCurrentDirectory, path, kCurrentDirectory, new_place(store, id));
  } catch (const SystemError&) {  // then it is not remembered
  }
  remove_file_quietly_at(kCurrentDirectory, path);
}

std::vector<QuarantinedFile> list_quarantine(const Store& store) {
  std::vector<QuarantinedFile> files;
  const Fd directory = try_open_directory_at(kCurrentDirectory, quarantine_directory(store));
  if (!directory) return files;
  list_directory(directory.get(), quarantine_directory(store), [&](const std::string& name, unsigned char) {
    const auto object = ObjectId::from_file_name(name.substr(0, name.find('.')));
    const auto info = object ? stat_at(directory.get(), name) : std::nullopt;
    if (!info || !S_ISREG(info->st_mode)) return;
    files.push_back({quarantine_directory(store) + "/" + name, *object, *info, is_in_use(store, *object, *info)});
  });
  return files;
}

bool is_had_elsewhere(const std::vector<QuarantinedFile>& files, const QuarantinedFile& file) {
  // A repair that was killed may have given it more than one name.
  const auto names = std::ranges::count_if(files, [&](const QuarantinedFile& other) {
    return other.info.st_ino == file.info.st_ino && other.info.st_dev == file.info.st_dev;
  });
  return static_cast<std::int64_t>(file.info.st_nlink) > names + (file.in_use ? 1 : 0);
}

void release_quarantine(const Store& store) {
  const std::vector<QuarantinedFile> files = list_quarantine(store);
  for (const QuarantinedFile& file : files) {
    const bool is_had = is_had_elsewhere(files, file);
    if (file.in_use || (!is_had && find_object(store, file.object))) remove_file_at(kCurrentDirectory, file.path);
  }
}

std::vector<QuarantinedFile> discard_quarantine(const Store& store, bool dry_run) {
  if (dry_run) return list_quarantine(store);
  const FileLock lock = store.lock_gc(LockMode::exclusive);
  std::vector<QuarantinedFile> files = list_quarantine(store);
  for (const QuarantinedFile& file : files) remove_file_at(kCurrentDirectory, file.path);
  return files;
}

Quarantined quarantine(const Store& store, std::span<const ObjectId> objects, std::span<const Sha256Digest> artifacts) {
  Quarantined result;
  // No maker may be committing what stands on them, and no collector be counting.
  const FileLock lock = store.lock_gc(LockMode::exclusive);
  const std::unordered_set<ObjectId> damaged = still_damaged(store, objects);
  std::vector<Sha256Digest> unreadable(artifacts.begin(), artifacts.end());
  std::erase_if(unreadable, [&](const Sha256Digest& artifact) { return has_manifest(store, artifact); });
  result.packages = packages_with(store, damaged, unreadable);
  std::unordered_set<Sha256Digest> forgotten;
  for (const Package& package : result.packages) forgotten.insert(package.artifact);
  // First the files, then their rows: a row without its file is damage that the next repair sees, a file without a row that has another
  // name would stay for ever.
  result.files = move_files(store, damaged);
  store.index().write(
      [&](WriteTxn& txn, const Schema& schema) {
        for (const ObjectId& id : damaged) erase_object(txn, schema, id);
        for (const Sha256Digest& artifact : forgotten) schema.packages.erase(txn, artifact);
        std::vector<Sha256Digest>& plans = result.plans;
        plans.clear();
        schema.plans.for_each(txn, [&](const Sha256Digest& key, const PlanRow& plan) {
          if (stands_on(plan, damaged, forgotten)) plans.push_back(key);
        });
        for (const Sha256Digest& plan : plans) schema.plans.erase(txn, plan);
        failpoint("quarantine");
      },
      Growth::none);
  failpoint("quarantine-committed");
  return result;
}

}  // namespace cas
