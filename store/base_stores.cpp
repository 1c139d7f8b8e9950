#include "store/base_stores.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "store/sys/trust.hpp"

namespace cas {
namespace {

using FileId = std::pair<dev_t, ino_t>;

struct BaseDirectory {
  std::string path;  // without symbolic links
  FileId id;
};

constexpr const char* kOtherHint =
    "name another directory with --base-store, CAS_BASE_STORE or base-stores in cas.toml";

BaseDirectory find_directory(const std::string& named) {
  try {
    const std::string path = absolute_path(named);
    const auto info = stat_path(path + "/.");
    if (!info) throw Error("the base store " + path + " is not there", kOtherHint);
    const Fd directory = open_directory(path + "/.");
    const auto real = read_symlink_at(kCurrentDirectory, fmt::format("/proc/self/fd/{}", directory.get()));
    return {real.value_or(path), {info->st_dev, info->st_ino}};
  } catch (SystemError& error) {
    error.add_context("looking for the base store " + named);
    throw;
  }
}

bool lies_in(const std::string& path, const std::string& directory) { return path.starts_with(directory + "/"); }

void refuse_nesting(const std::string& above, const BaseDirectory& base) {
  if (lies_in(base.path, above)) {
    throw UsageError(fmt::format("the base store {} lies inside the store {}", base.path, above), kOtherHint);
  }
  if (lies_in(above, base.path)) {
    throw UsageError(fmt::format("the store {} lies inside its base store {}", above, base.path),
                     "name another directory with --store or CAS_STORE");
  }
}

// Whoever can change the index decides what is installed; objects are looked at one by one (object_taker.cpp).
void refuse_changeable(const StoreLayout& layout) {
  for (const std::string& path :
       {layout.root(), layout.default_index(), Index::data_file(layout.default_index()), layout.version_file()}) {
    const auto info = stat_path(path);
    if (!info || is_only_ours(*info)) continue;
    const bool foreign = info->st_uid != 0 && (info->st_mode & (S_IWGRP | S_IWOTH)) == 0;
    throw Error(
        fmt::format("the base store {} is not trusted: {} {}", layout.root(), path,
                    foreign ? fmt::format("belongs to user {}", info->st_uid)
                            : fmt::format("could be changed by other users (user {}, mode {:o})", info->st_uid,
                                          info->st_mode & 07777U)),
        "a base store must belong to root or to yourself, and be writable by nobody else: `chown -R`, `chmod -R "
        "go-w`");
  }
}

Store open_base(const BaseDirectory& directory) {
  const StoreLayout layout(directory.path);
  if (!stat_path(layout.version_file())) {
    throw Error("there is no store at " + layout.root() + ", which is named as a base store", kOtherHint);
  }
  refuse_changeable(layout);
  StoreOptions options;
  options.path = directory.path;
  options.must_exist = true;
  options.access = StoreAccess::read;
  return with_context("the base store " + directory.path, [&] { return Store::open(options); });
}

}  // namespace

std::vector<Store> open_base_stores(const StoreLayout& above, const std::vector<std::string>& paths) {
  std::vector<Store> stores;
  std::vector<FileId> seen;
  if (paths.empty()) return stores;
  const BaseDirectory own = find_directory(above.root());
  for (const std::string& path : paths) {
    const BaseDirectory base = find_directory(path);
    // Also where it is mounted twice.
    if (base.id == own.id) {
      throw UsageError(fmt::format("{} is named as the store and as a base store", base.path), kOtherHint);
    }
    refuse_nesting(own.path, base);
    if (std::ranges::find(seen, base.id) != seen.end()) continue;
    seen.push_back(base.id);
    stores.push_back(open_base(base));
  }
  return stores;
}

}  // namespace cas
