#include "store/ownership.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/index/index.hpp"
#include "store/sys/access.hpp"
#include "store/sys/file.hpp"
#include "store/sys/group_access.hpp"
#include "store/sys/users.hpp"

namespace cas {
namespace {

constexpr std::string_view kSharingHead = "cas shared 1\ngroup ";
constexpr std::size_t kMostSharingBytes = 256;
constexpr uid_t kRoot = 0;

// Asked once of each user: the system's databases may be a directory service.
Membership remembered_membership(uid_t user, gid_t group) {
  static std::mutex mutex;
  static std::map<std::pair<uid_t, gid_t>, Membership> known;
  const std::lock_guard lock(mutex);
  const auto found = known.find({user, group});
  if (found != known.end()) return found->second;
  return known.emplace(std::pair(user, group), membership(user, group)).first->second;
}

std::string to_trust(const StoreLayout& layout) {
  return fmt::format("CAS_TRUST_STORE={} opens it as it is, where nobody else can get at it", printable(layout.root()));
}

std::string who_is(uid_t user) {
  if (user == kOverflowUser)
    return fmt::format("{}, who has no name in this user namespace (a volume of the host's?)", user_label(user));
  return user_label(user);
}

[[noreturn]] void refuse_owner(const StoreLayout& layout, uid_t owner, uid_t self) {
  const std::string what = fmt::format("opening the store {}: it belongs to {}, who could have put anything there",
                                       printable(layout.root()), who_is(owner));
  if (self == kRoot) {
    throw Error(what,
                "run the command as that user (`sudo -u`), or name a store of root's with --store or CAS_STORE; " +
                    to_trust(layout));
  }
  throw Error(what, "name a store of your own with --store or CAS_STORE; its owner shares it by `cas store share`; " +
                        to_trust(layout));
}

[[noreturn]] void refuse_exposed(const StoreLayout& layout, const std::string& path, const std::string& exposure,
                                 bool shared) {
  const std::string remedy =
      shared ? "its owner puts that right by `cas store share`"
             : fmt::format(
                   "`chmod -R go-w {}` keeps others out, `cas store share --group GROUP` lets a group in; then "
                   "`cas verify --contents` looks at what is there",
                   printable(path.starts_with(layout.root()) ? layout.root() : path));
  throw Error(fmt::format("opening the store {}: {} {}", printable(layout.root()),
                          path == layout.root() ? "its directory" : printable(path), exposure),
              remedy + "; " + to_trust(layout));
}

struct Sharing {
  gid_t group;
  struct stat file;
};

std::optional<Sharing> read_sharing(const StoreLayout& layout) {
  const Fd file = try_open_read_at(kCurrentDirectory, layout.sharing());
  if (!file) return std::nullopt;
  const auto group = decode_sharing(read_fd(file.get(), kMostSharingBytes, layout.sharing()));
  if (!group) {
    throw Corruption(printable(layout.sharing()) + " does not say which group the store is shared with",
                     "its owner puts that right by `cas store share`");
  }
  return Sharing{*group, stat_fd(file.get(), layout.sharing())};
}

// The group, where the store is shared with one, and this user may take part.
std::optional<gid_t> group_of(const StoreLayout& layout, const struct stat& root, uid_t self) {
  const auto sharing = read_sharing(layout);
  if (!sharing) return std::nullopt;
  // Only who has the directory can have meant it.
  if (sharing->file.st_uid != root.st_uid && sharing->file.st_uid != kRoot)
    refuse_exposed(layout, layout.sharing(), "belongs to " + user_label(sharing->file.st_uid), true);
  if (!is_open_to_group(layout.root(), sharing->group)) {
    throw Error(fmt::format("opening the store {}: it is shared with {}, but its directory is not as that needs it",
                            printable(layout.root()), group_label(sharing->group)),
                "its owner puts that right by `cas store share`: a copy has lost the ACLs, say");
  }
  if (self != root.st_uid && self != kRoot && !is_own_group(sharing->group)) {
    throw Error(fmt::format("opening the store {}: it is shared with {}, of which you are no member",
                            printable(layout.root()), group_label(sharing->group)),
                "name a store of your own with --store or CAS_STORE, or join the group (and log in again)");
  }
  return sharing->group;
}

void look_at_places(const StoreLayout& layout, const std::string& index_directory, const StoreOwnership& ownership) {
  const bool shared = ownership.group().has_value();
  for (const std::string& path : layout.own_directories()) {
    const auto info = stat_path(path);
    if (!info) continue;
    // Without history everything else works, and whoever needs it says so.
    if (S_ISREG(info->st_mode) && path == layout.history()) continue;
    if (!S_ISDIR(info->st_mode)) {
      throw Corruption(fmt::format("opening the store {}: {} is {}", printable(layout.root()), printable(path),
                                   S_ISLNK(info->st_mode) ? "a symbolic link" : "no directory"),
                       "put the directory there; the whole store may lie behind a link, its parts may not");
    }
    if (const std::string exposure = ownership.exposure(*info); !exposure.empty())
      refuse_exposed(layout, path, exposure, shared);
  }
  // Where the index lies the user has said, or it is the store's own directory, which was looked at.
  for (const std::string& path : {index_directory + "/.", Index::data_file(index_directory)}) {
    const auto info = stat_path(path);
    if (!info) continue;
    if (const std::string exposure = ownership.exposure(*info); !exposure.empty())
      refuse_exposed(layout, path.ends_with("/.") ? index_directory : path, exposure, shared);
  }
}

}  // namespace

bool StoreOwnership::fits(const struct stat& file) const {
  if (file.st_uid == owner_) return true;
  if (!group_) return false;
  // Whoever could write it into the store's directories gave it their group.
  if (file.st_gid != *group_) return false;
  return file.st_uid == self_ || file.st_uid == kRoot ||
         remembered_membership(file.st_uid, *group_) != Membership::stranger;
}

std::string StoreOwnership::misfit(const struct stat& file) const {
  if (!group_) return fmt::format("belongs to user {}, the store to {}", file.st_uid, owner_);
  return fmt::format("belongs to user {} and group {}, the store to {} and group {}", file.st_uid, file.st_gid, owner_,
                     *group_);
}

std::string StoreOwnership::exposure(const struct stat& info) const {
  if (trust_ == Trust::given) return {};
  if (info.st_uid != owner_ && info.st_uid != self_ && info.st_uid != kRoot && !fits(info))
    return "belongs to " + who_is(info.st_uid);
  const mode_t mode = info.st_mode & 07777;
  if ((mode & S_IWOTH) != 0) return fmt::format("can be written by everybody (mode {:04o})", mode);
  if ((mode & S_IWGRP) != 0 && (!group_ || info.st_gid != *group_)) {
    return fmt::format("can be written by {} (mode {:04o})", group_label(info.st_gid), mode);
  }
  return {};
}

StoreOwnership look_at_ownership(const StoreLayout& layout, const std::string& index_directory, Trust trust) {
  const uid_t self = effective_user();
  const auto root = stat_path(layout.root() + "/.");
  if (!root) return {self, std::nullopt, self, trust};
  const bool known = root->st_uid == self || root->st_uid == kRoot || trust == Trust::given;
  const bool is_store = stat_path(layout.version_file()).has_value();
  // For root a group's store is a stranger's: each of its members could write what root then runs.
  if (!known && (self == kRoot || !is_store || !stat_path(layout.sharing()))) refuse_owner(layout, root->st_uid, self);
  const auto group = group_of(layout, *root, self);
  StoreOwnership ownership(root->st_uid, group, self, trust);
  if (!is_store && root->st_uid == self) return ownership;
  if (const std::string exposure = ownership.exposure(*root); !exposure.empty())
    refuse_exposed(layout, layout.root(), exposure, group.has_value());
  look_at_places(layout, index_directory, ownership);
  return ownership;
}

std::optional<LookingOnly> looking_only(const StoreLayout& layout, const StoreOwnership& ownership) {
  const uid_t self = effective_user();
  if (const int problem = directory_write_problem(kCurrentDirectory, layout.root() + "/."); problem != 0) {
    return LookingOnly{fmt::format("it belongs to {}, and you cannot write there: {}", user_label(ownership.owner()),
                                   std::generic_category().message(problem)),
                       "name a store of your own with --store or CAS_STORE, and this one with --base-store: what the "
                       "other lacks is then "
                       "taken over from it; its owner lets a group write by `cas store share`"};
  }
  // Directories of root's in it are closed to its owner for ever.
  if (self == kRoot && ownership.owner() != kRoot && !ownership.group()) {
    return LookingOnly{
        fmt::format("it belongs to {}, who could not change what root leaves there", user_label(ownership.owner())),
        "run the command as that user (`sudo -u`); or let his group and root share it by `cas store share --group "
        "GROUP`"};
  }
  return std::nullopt;
}

std::vector<std::string> open_directories_above(const std::string& path) {
  std::vector<std::string> open;
  std::string directory = path;
  while (directory.size() > 1) {
    directory = std::string(parent_of(directory));
    if (directory.empty()) directory = "/";
    const auto info = stat_path(directory == "/" ? directory : directory + "/.");
    if (info && (info->st_mode & (S_IWOTH | S_ISVTX)) == S_IWOTH) open.push_back(directory);
  }
  return open;
}

std::string encode_sharing(gid_t group) { return fmt::format("{}{}\n", kSharingHead, group); }

std::optional<gid_t> decode_sharing(const std::string& text) {
  if (!text.starts_with(kSharingHead) || !text.ends_with('\n')) return std::nullopt;
  gid_t group = 0;
  const char* const end = text.data() + text.size() - 1;
  const auto parsed = std::from_chars(text.data() + kSharingHead.size(), end, group);
  if (parsed.ec != std::errc{} || parsed.ptr != end || encode_sharing(group) != text) return std::nullopt;
  return group;
}

}  // namespace cas
