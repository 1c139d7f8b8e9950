// What the store knows of wheels and others can use: the listings of a lock's ([packages.tool.cas]), and the digests of whole
// wheels, by which indexes have them.
#pragma once

#include "store/pylock/pylock.hpp"
#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

// Fills in the listings of wheels that the store has, replacing what was said of them. Those that were put together from parts do not
// count: what is known of them came from a lock.
void note_listings(const Store& store, Pylock& lock);

// Packages that were put together from parts get the digest of the wheel that they were, instead of their identity in the store.
void name_whole_wheels(const Store& store, Anchor& anchor);

}  // namespace cas
