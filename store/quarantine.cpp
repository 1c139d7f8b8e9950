#include "store/quarantine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <unordered_set>

#include "store/base/codec.hpp"
#include "store/base/error.hpp"
#include "store/base/failpoint.hpp"
#include "store/damage.hpp"
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

bool is_in_use(const Store& store, const ObjectId& id, const struct stat& info) {
  const auto row = find_object(store, id);
  const auto current = row ? stat_path(store.layout().object(row->segment, id)) : std::nullopt;
  return current && current->st_dev == info.st_dev && current->st_ino == info.st_ino;
}

}  // namespace

std::string quarantine_directory(const Store& store) { return store.layout().quarantine(); }

std::string keep_damaged_file(const Store& store, int segment, const ObjectId& id) {
  std::string path = new_place(store, id);
  if (hard_link(segment, id.file_name().c_str(), kCurrentDirectory, path.c_str()) != LinkOutcome::linked) return {};
  return path;
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

void release_quarantine(const Store& store) {
  const std::vector<QuarantinedFile> files = list_quarantine(store);
  for (const QuarantinedFile& file : files) {
    // A repair that was killed may have given it more than one name.
    const auto names = std::ranges::count_if(files, [&](const QuarantinedFile& other) {
      return other.info.st_ino == file.info.st_ino && other.info.st_dev == file.info.st_dev;
    });
    const bool is_had = static_cast<std::int64_t>(file.info.st_nlink) > names;
    if (file.in_use || (!is_had && find_object(store, file.object))) remove_file_at(kCurrentDirectory, file.path);
  }
}

Quarantined quarantine(const Store& store, std::span<const ObjectId> objects, std::span<const Sha256Digest> artifacts) {
  const std::unordered_set<ObjectId> damaged(objects.begin(), objects.end());
  Quarantined result;
  // No maker may be committing what stands on them, and no collector be counting.
  const FileLock lock = store.lock_gc(LockMode::exclusive);
  result.packages = packages_with(store, damaged, artifacts);
  std::unordered_set<Sha256Digest> forgotten;
  for (const Package& package : result.packages) forgotten.insert(package.artifact);
  // First the files, then their rows: a row without its file is damage that the next repair sees, a file without a row that has another
  // name would stay for ever.
  for (const ObjectId& id : damaged) {
    const auto row = find_object(store, id);
    const std::string file = row ? store.layout().object(row->segment, id) : std::string();
    if (file.empty() || !stat_path(file)) continue;
    result.files.push_back(new_place(store, id));
    rename_at(kCurrentDirectory, file, kCurrentDirectory, result.files.back());
  }
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
