// What the store knows of a lock's wheels and others can use: [packages.tool.cas].
#pragma once

#include "store/pylock/pylock.hpp"
#include "store/store.hpp"

namespace cas {

// Fills in the listings of wheels that the store has, replacing what was said of them. Those that were put together from parts do not
// count: what is known of them came from a lock.
void note_listings(const Store& store, Pylock& lock);

}  // namespace cas
