#include "store/share.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "store/base/error.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/relpath.hpp"
#include "store/ownership.hpp"
#include "store/share_owner.hpp"
#include "store/sys/file.hpp"
#include "store/sys/group_access.hpp"
#include "store/sys/owner.hpp"
#include "store/sys/publish.hpp"
#include "store/sys/tree.hpp"
#include "store/sys/users.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostSharingBytes = 256;

enum class Writing { no, yes };

// What the members of the group must be able to do with a file: read it, as its owner can, and write the index and the locks.
mode_t shared_mode(mode_t mode, Writing writing) {
  mode_t shared = mode | ((mode & S_IRUSR) >> 3) | ((mode & S_IXUSR) >> 3);
  if (writing == Writing::yes) shared |= S_IWGRP;
  return shared;
}

class Sharing {
 public:
  Sharing(const StoreLayout& layout, gid_t group, bool dry_run) : layout_(layout), dry_run_(dry_run) {
    result_.group = group;
    result_.label = group_label(group);
  }

  void share_root(const std::string& index_directory) {
    share_alone(layout_.root());
    for (const std::string& path : layout_.own_directories()) {
      if (path == layout_.caches() || path == layout_.staging()) {
        share_alone(path);  // what is in them is somebody's own
      } else {
        const bool written = path == layout_.locks() || path == layout_.default_index();
        share_tree(path, written ? Writing::yes : Writing::no);
      }
    }
    if (index_directory != layout_.default_index()) share_tree(index_directory, Writing::yes);
  }

  [[nodiscard]] ShareResult& result() { return result_; }

 private:
  // The directory first: what is made in it from now on is the group's, and what was made before is found by listing it.
  Fd share_alone(const std::string& path) {
    Fd directory = try_open_directory_at(kCurrentDirectory, path);
    if (directory) share_directory(directory.get(), path);
    return directory;
  }

  // What is right already may be another member's, whose alone it is to change.
  void share_directory(int directory, const std::string& path) {
    if (is_open_to_group(path, result_.group)) return;
    ++result_.directories;
    if (!dry_run_) open_to_group(directory, result_.group, path);
  }

  void share_tree(const std::string& path, Writing writing) {
    if (const Fd directory = share_alone(path)) share_below(directory.get(), path, writing);
  }

  void share_below(int directory, const std::string& path, Writing writing) {
    std::vector<std::string> names;
    list_directory(directory, path, [&](const std::string& name, unsigned char) { names.push_back(name); });
    for (const std::string& name : names) {
      const auto info = stat_at(directory, name);
      const std::string shown = path + "/" + name;
      if (info && S_ISDIR(info->st_mode)) {
        const Fd below = try_open_directory_at(directory, name);
        if (!below) continue;
        share_directory(below.get(), shown);
        share_below(below.get(), shown, writing);
      } else if (info && S_ISREG(info->st_mode)) {
        share_file(directory, name, *info, shown, writing);
      }
    }
  }

  // Objects, which environments have, too, stay as they are: everybody reads them, nobody writes them.
  void share_file(int directory, const std::string& name, const struct stat& seen, const std::string& shown,
                  Writing writing) {
    const mode_t mode = shared_mode(seen.st_mode & 07777, writing);
    if (self_ != 0 && seen.st_uid != self_) return;
    if (seen.st_nlink > 1 ||
        ((seen.st_mode & 07777) == mode && (writing == Writing::no || seen.st_gid == result_.group)))
      return;
    ++result_.files;
    if (dry_run_) return;
    const Fd file = try_open_read_at(directory, name);
    if (!file) return;
    if (!try_set_group(file.get(), result_.group)) throw SystemError(EPERM, "giving to the group", shown);
    set_mode(file.get(), mode, shown);
  }

  const StoreLayout& layout_;
  bool dry_run_;
  uid_t self_ = effective_user();
  ShareResult result_;
};

std::optional<gid_t> group_before(const StoreLayout& layout) {
  const auto text = try_read_file_at(kCurrentDirectory, layout.sharing(), kMostSharingBytes);
  return text ? decode_sharing(*text) : std::nullopt;
}

}  // namespace

ShareResult share_store(const StoreOptions& options, const ShareOptions& share) {
  const StoreLayout layout(absolute_path(options.path));
  require_store_of_ours(layout, "sharing the store", "share");
  const auto before = group_before(layout);
  const auto group = share.group.empty() ? before : find_group(share.group);
  if (!group && share.group.empty()) throw UsageError("no group is named", "cas store share --group GROUP");
  if (!group) {
    throw NotFound("there is no group " + printable(share.group), "name one that `getent group` knows, or a number");
  }

  Sharing sharing(layout, *group, share.dry_run);
  sharing.result().before = before == group;
  const std::string index = index_directory_of(options, layout);
  if (share.dry_run) {
    sharing.share_root(index);
    return sharing.result();
  }
  // Nobody commits a package, or writes an anchor, meanwhile.
  const FileLock lock = FileLock::acquire(layout.gc_lock(), LockMode::exclusive);
  try_make_store_directory(layout.caches());
  for (const std::string& cache : {layout.page_cache(), layout.resolver_cache()})
    remove_tree_at(kCurrentDirectory, cache);
  sharing.share_root(index);
  failpoint("store-shared");
  publish_file(layout.root(), std::string(name_of(layout.sharing())), encode_sharing(*group), 0444, Durability::batch);
  return sharing.result();
}

}  // namespace cas
