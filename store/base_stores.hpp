// Base stores: what a store lacks is looked for in them, and taken over (store/take_over.hpp).
//
// A base store is only read: it may be mounted read-only, baked into an image, or in use by others. Its index is believed as one's own
// is, so nobody but this user and root may be able to change it.
#pragma once

#include <string>
#include <vector>

#include "store/store.hpp"

namespace cas {

// In the order given; the same directory twice is one. Throws Error for one that is not there, of another version, or that others
// could change; UsageError where it is the store itself, or lies in it, or around it; what Store::open() throws.
[[nodiscard]] std::vector<Store> open_base_stores(const StoreLayout& above, const std::vector<std::string>& paths);

}  // namespace cas
