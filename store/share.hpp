// A store that the members of a group use together.
//
// Its directories are setgid and have a default ACL (store/sys/group_access.hpp), so that whatever anybody makes there, the others can
// go on with; objects stay read-only for all. The file `shared`, written last, says that it was meant. Members trust each other: each of
// them can replace what is in the store.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "store/store.hpp"

namespace cas {

struct ShareOptions {
  std::string group{};  // name or number; "": the one it is shared with already
  bool dry_run = false;
};

struct ShareResult {
  gid_t group = 0;
  std::string label{};                       // "group 50 (staff)"
  std::uint64_t directories = 0, files = 0;  // that were, or would be, given to the group
  bool before = false;                       // it was shared with this group already
};

// Shares the store at `options.path`, which must be there, or puts right what a copy or another program has undone. Does not open the
// index. Throws NotFound for a store or a group that is not there, UsageError where no group is known, Error for anybody but its owner and root, SystemError.
[[nodiscard]] ShareResult share_store(const StoreOptions& options, const ShareOptions& share);

struct EndSharingResult {
  std::uint64_t directories = 0, files = 0;  // that were, or would be, closed to the group
  std::uint64_t given = 0;                   // of these, given to the owner by root
  // Members' files that stay theirs, because they have them in environments, or the owner may not take them: `cas repair --contents`
  // makes objects among them the store's own.
  std::uint64_t left = 0;
};

// Undoes that: the store is its owner's alone again. What members have in environments goes on working. Ended half-way, the store is
// refused to everybody until it is called again. Throws NotFound where no store is, UsageError where it is not shared, Error for anybody but
// its owner and root, and for its owner where directories, the index or locks are other members': only root can give them to him.
[[nodiscard]] EndSharingResult end_sharing(const StoreOptions& options, bool dry_run);

}  // namespace cas
