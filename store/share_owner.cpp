#include "store/share_owner.hpp"

#include <fmt/format.h>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"
#include "store/sys/owner.hpp"
#include "store/sys/users.hpp"

namespace cas {

uid_t require_store_of_ours(const StoreLayout& layout, std::string_view doing, std::string_view verb) {
  const auto root = stat_path(layout.root() + "/.");
  if (!root || !stat_path(layout.version_file()))
    throw NotFound("there is no store at " + layout.root(), "--store or CAS_STORE names another");
  const uid_t self = effective_user();
  if (self != 0 && self != root->st_uid) {
    throw Error(fmt::format("{} {}: it belongs to {}", doing, printable(layout.root()), user_label(root->st_uid)),
                fmt::format("only its owner can {} it", verb));
  }
  return root->st_uid;
}

}  // namespace cas
