// Whose a store is, and who may have written to it.
//
// A store is believed: LMDB follows what stands in its index, programs in it are run. So it is opened only where nobody but this user,
// root, and whoever he chose to trust can write to it: a store of his own or root's, with directories that no other user may write; or one
// that its owner has shared with a group that he is a member of (store/share.hpp). Whatever else is refused, unless the user says that
// he trusts it (Trust::given). Looked at once, when the store is opened: a dozen lstat calls.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/objects/layout.hpp"

namespace cas {

enum class Trust {
  checked,
  given  // by CAS_TRUST_STORE: whoever else may write there
};

class StoreOwnership {
 public:
  // `self`: who asks.
  StoreOwnership(uid_t owner, std::optional<gid_t> group, uid_t self, Trust trust = Trust::checked)
      : owner_(owner), group_(group), self_(self), trust_(trust) {}

  [[nodiscard]] uid_t owner() const { return owner_; }
  // The group that it is shared with.
  [[nodiscard]] std::optional<gid_t> group() const { return group_; }
  [[nodiscard]] Trust trust() const { return trust_; }

  // Whether the file belongs to whom a file of the store must belong to: its owner, or, where it is shared, a member of its group.
  [[nodiscard]] bool fits(const struct stat& file) const;
  // "belongs to user 1000, the store to 0": the end of a sentence about a file that does not fit.
  [[nodiscard]] std::string misfit(const struct stat& file) const;
  // Why somebody who is not trusted with the store could change this file or directory: "belongs to user 1000", "can be written by everybody
  // (mode 0777)"; "" where nobody could. With Trust::given always "".
  [[nodiscard]] std::string exposure(const struct stat& info) const;

 private:
  uid_t owner_;
  std::optional<gid_t> group_;
  uid_t self_;
  Trust trust_;
};

// Looks at the store, its directories and its index, as far as they are there. A directory that is no store yet, and is this user's own, may
// have any mode: making a store of it takes other users' permissions away. Throws Error, saying who could have written there and what to
// do; Corruption where a symbolic link has taken the place of one of the store's own directories.
[[nodiscard]] StoreOwnership look_at_ownership(const StoreLayout& layout, const std::string& index_directory,
                                               Trust trust);

// Why this user cannot change anything in the store, as the end of a sentence, and what to do about it; nullopt: he can.
struct LookingOnly {
  std::string reason, hint;
};
[[nodiscard]] std::optional<LookingOnly> looking_only(const StoreLayout& layout, const StoreOwnership& ownership);

// The directories above `path` in which every user may rename what is there (world-writable, without the sticky bit): whoever can do that
// can put another store, or another environment, in its place.
[[nodiscard]] std::vector<std::string> open_directories_above(const std::string& path);

// The file that says that a store is shared: "cas shared 1\ngroup <number>\n".
[[nodiscard]] std::string encode_sharing(gid_t group);
// nullopt: it says something else.
[[nodiscard]] std::optional<gid_t> decode_sharing(const std::string& text);

}  // namespace cas
