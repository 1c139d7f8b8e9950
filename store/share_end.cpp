#include <fmt/format.h>

#include <cerrno>
#include <string>
#include <vector>

#include "store/base/error.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/relpath.hpp"
#include "store/index/index.hpp"
#include "store/index/renewal.hpp"
#include "store/share.hpp"
#include "store/share_owner.hpp"
#include "store/sys/file.hpp"
#include "store/sys/group_access.hpp"
#include "store/sys/lock.hpp"
#include "store/sys/owner.hpp"
#include "store/sys/users.hpp"

namespace cas {
namespace {

constexpr mode_t kOfMembers = S_IRWXG | S_ISGID | S_IWOTH;  // a member may have opened what he made to everybody

// What others may not the group may not either; nobody but the owner may write.
mode_t closed_mode(mode_t mode) {
  const mode_t others = mode & (S_IROTH | S_IXOTH);
  return (mode & 07777 & ~kOfMembers) | others << 3;
}

// From the top: once a directory is the owner's and closed, no member can put anything else in the place of what is in it. So root follows
// no name that somebody could have exchanged, and touches no file that has another name, which may be anything.
class EndOfSharing {
 public:
  EndOfSharing(uid_t owner, bool dry_run) : owner_(owner), dry_run_(dry_run) {}

  void close_tree(int directory, const std::string& path) {
    close_directory(directory, path);
    std::vector<std::string> names;
    list_directory(directory, path, [&](const std::string& name, unsigned char) { names.push_back(name); });
    for (const std::string& name : names) {
      const auto info = stat_at(directory, name);
      const std::string shown = path + "/" + name;
      if (info && S_ISDIR(info->st_mode)) {
        if (const Fd below = try_open_directory_at(directory, name)) close_tree(below.get(), shown);
      } else if (info && S_ISREG(info->st_mode)) {
        close_file(directory, name, *info, shown);
      }
    }
  }

  // The directory alone: what is in it is each member's own.
  void close_directory(int directory, const std::string& path) {
    const struct stat info = stat_fd(directory, path);
    const bool is_others = info.st_uid != owner_;
    if (is_others) require_root(path, info.st_uid);
    if (!is_others && (info.st_mode & S_ISGID) == 0 && closed_mode(info.st_mode) == (info.st_mode & 07777)) return;
    ++result_.directories;
    if (is_others) ++result_.given;
    if (dry_run_) return;
    if (is_others && !try_set_owner(directory, owner_)) throw SystemError(EPERM, "giving to the store's owner", path);
    close_to_group(directory, path);
  }

  // Those without which the store cannot be opened.
  void require_own(const std::string& path) {
    const auto info = stat_path(path);
    if (info && info->st_uid != owner_) require_root(path, info->st_uid);
  }

  [[nodiscard]] const EndSharingResult& result() const { return result_; }

 private:
  void require_root(const std::string& path, uid_t user) const {
    if (self_ == 0) return;
    throw Error(fmt::format("{} belongs to {}", printable(path), user_label(user)),
                "only root can give it to you: `cas store share --none` as root, with --store");
  }

  void close_file(int directory, const std::string& name, const struct stat& info, const std::string& shown) {
    const bool is_others = info.st_uid != owner_;
    if (is_others && (self_ != 0 || info.st_nlink > 1)) {
      ++result_.left;
      return;
    }
    const mode_t mode = closed_mode(info.st_mode);
    if (!is_others && mode == (info.st_mode & 07777)) return;
    ++result_.files;
    if (is_others) ++result_.given;
    if (dry_run_) return;
    const Fd file = try_open_read_at(directory, name);
    if (!file) return;
    // The owner could exchange it, and is not to be given what is not the store's.
    const struct stat opened = stat_fd(file.get(), shown);
    if (opened.st_ino != info.st_ino || opened.st_dev != info.st_dev || (is_others && opened.st_nlink > 1)) return;
    if (is_others && !try_set_owner(file.get(), owner_)) throw SystemError(EPERM, "giving to the store's owner", shown);
    set_mode(file.get(), mode, shown);
  }

  uid_t owner_, self_ = effective_user();
  bool dry_run_;
  EndSharingResult result_;
};

void close_store(const StoreLayout& layout, const std::string& index_directory, EndOfSharing& end) {
  end.close_directory(open_directory(layout.root()).get(), layout.root());
  std::vector<std::string> directories = layout.own_directories();
  if (index_directory != layout.default_index()) directories.push_back(index_directory);
  for (const std::string& path : directories) {
    const Fd directory = try_open_directory_at(kCurrentDirectory, path);
    if (!directory) continue;
    // Caches are each user's own, and so is what is being made; anchors are one file with their environments'.
    const bool of_members =
        path == layout.caches() || path == layout.staging() || path == layout.roots() || path == layout.running();
    if (of_members) {
      end.close_directory(directory.get(), path);
    } else {
      end.close_tree(directory.get(), path);
    }
  }
}

}  // namespace

EndSharingResult end_sharing(const StoreOptions& options, bool dry_run) {
  const StoreLayout layout(absolute_path(options.path));
  const uid_t owner = require_store_of_ours(layout, "ending the sharing of", "end");
  if (!stat_path(layout.sharing())) throw UsageError(printable(layout.root()) + " is not shared");
  const std::string index = index_directory_of(options, layout);

  // Looked at first: what cannot be done is not begun.
  EndOfSharing seen(owner, true);
  seen.require_own(Index::data_file(index));
  seen.require_own(layout.gc_lock());
  close_store(layout, index, seen);
  if (dry_run) return seen.result();
  // Nobody commits a package, or writes an anchor, meanwhile.
  const FileLock lock = FileLock::acquire(layout.gc_lock(), LockMode::exclusive);
  EndOfSharing end(owner, false);
  close_store(layout, index, end);
  // What a member's process has open it could write to for ever.
  const auto data = stat_path(Index::data_file(index));
  if (data) renew_index(index, owner, closed_mode(data->st_mode));
  failpoint("store-closed");
  remove_file_at(kCurrentDirectory, layout.sharing());
  return end.result();
}

}  // namespace cas
