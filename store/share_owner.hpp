// Whose a store is that is about to be opened to a group, or closed.
#pragma once

#include <sys/types.h>

#include <string_view>

#include "store/objects/layout.hpp"

namespace cas {

// Its owner, who may do both, as root may. Throws NotFound where no store is, Error where it is somebody else's: `doing` it ("sharing the
// store") is what was tried, `verb` ("share") what only its owner can.
uid_t require_store_of_ours(const StoreLayout& layout, std::string_view doing, std::string_view verb);

}  // namespace cas
