// The SHA-256 of files of which a lock, or whoever found the versions, tells only other hashes, or several that would do. Packages are known
// by it here, so such files are fetched and checked before anything else is done with them.
#pragma once

#include <map>
#include <string>

#include "linker/interpreter.hpp"
#include "linker/locked/locked_supply.hpp"
#include "linker/locked/package_network.hpp"
#include "store/base/digest.hpp"
#include "store/base/progress.hpp"
#include "store/store.hpp"
#include "store/sys/publish.hpp"

namespace cas {

// Files that were fetched, as long as they may be needed.
class FetchedFiles {
 public:
  explicit FetchedFiles(const Store& store) : directory_(store.layout().staging()) {}

  void add(const Sha256Digest& digest, std::string path) { paths_.emplace(digest.hex(), std::move(path)); }
  // "": was not fetched.
  [[nodiscard]] std::string path_of(const Sha256Digest& digest) const;
  [[nodiscard]] const StagingDirectory& directory() const { return directory_; }

 private:
  StagingDirectory directory_;
  std::map<std::string, std::string> paths_;
};

// What a hash that proves nothing (md5, sha1) is good for where a file has no other.
enum class WeakHashes {
  nothing,  // such files are left to whoever refuses them
  checked   // as pip takes those of an index: the transfer went well
};

// Gives each file that the interpreter would get (select_locked) a SHA-256, and one of those it must have one of. What a strong hash stands for
// is remembered in the index. Throws InvalidInput where a file has not the hashes it must have, NotFound offline, what select_locked() and the
// client throw.
void search_digests(const Store& store, PackageNetwork& network, const InterpreterFacts& facts, WeakHashes weak,
                    LockSource& source, Progress& progress);

// Leaves the files of indexes out of which no hash vouches for anything, and packages that then have none: they are not what the
// interpreter would get.
void drop_unvouched(Pylock& lock);

}  // namespace cas
