// Files of this machine in an answer of the resolver.
#pragma once

#include "store/package_index/index_client.hpp"
#include "store/pylock/pylock.hpp"

namespace cas {

// Pages of the network have no business with files of this machine; the resolver follows them there, and does not say which page it was. What a
// requirement names itself (an archive, a directory) is none of theirs. REQUIRES: paths are absolute. Throws InvalidInput for a file that lies in none of
// the folders and local indexes of `places`.
void refuse_local_files(const Pylock& lock, const IndexPlaces& places);

}  // namespace cas
