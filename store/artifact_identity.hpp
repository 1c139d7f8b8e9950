// The SHA-256 of artifact files, remembered between runs.
#pragma once

#include <string>

#include "store/base/digest.hpp"
#include "store/base/package_model.hpp"
#include "store/index/index.hpp"

namespace cas {

struct ArtifactIdentity {
  Sha256Digest digest;
  std::uint64_t bytes = 0;
  // What to put into the memo table in the next write transaction; empty: known already, or too young to be told
  // from a file that is still being written.
  Sha256Digest memo_key;
  std::string memo_row;
};

// Hashes the open file, unless device, inode, size, modification and change time are those of a file hashed before:
// adding a wheel twice then costs one look-up. The change time cannot be set by user programs.
[[nodiscard]] ArtifactIdentity identify_artifact(int fd, const std::string& shown, Index& index);

// The identity of a wheel that was put together from parts: nobody saw that the whole has the digest `wheel`, so it is another package
// than that wheel, for those who know no more than its digest. Equal for equal arguments.
[[nodiscard]] Sha256Digest assembled_identity(const Sha256Digest& wheel, const ListingDigests& listing);

}  // namespace cas
