// Bringing damaged objects back from copies that lie elsewhere.
//
// Whoever has bytes that may be an object's offers them; they are copied into a new file, hashed there, and only what has the right
// SHA-256 takes the store's name, by a rename. The damaged inode is left to those who still hold it, and remembered, so that they can be
// linked anew (linker/repair/relink.hpp): replacing the store's name alone heals nobody.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/base/digest.hpp"
#include "store/object_check.hpp"
#include "store/store.hpp"
#include "store/sys/publish.hpp"

namespace cas {

// What the filesystem calls a file, for as long as the store is locked or nothing is deleted: (device, inode).
using InodeId = std::pair<std::uint64_t, std::uint64_t>;
[[nodiscard]] InodeId inode_of(const struct stat& info);

enum class RepairRun { real, dry };

class ObjectRepair {
 public:
  // RepairRun::dry: offers are hashed, and nothing is written.
  ObjectRepair(const Store& store, RepairRun run);
  ~ObjectRepair();
  ObjectRepair(const ObjectRepair&) = delete;
  ObjectRepair& operator=(const ObjectRepair&) = delete;

  // Takes note of an object that is to be brought back. `state`: what was found, not ObjectState::sound. What the index does not have (any
  // more) is left out, but for RepairRun::dry: it may be about to come back with its package.
  void want(const ObjectId& id, ObjectState state);

  // What is still to be brought back.
  [[nodiscard]] const std::map<ObjectId, ObjectState>& wanted() const { return wanted_; }
  [[nodiscard]] bool wants(const ObjectId& id) const { return wanted_.contains(id); }

  // These take what has the object's SHA-256 and return whether it did; `source` says where it came from ("/srv/env/lib/x.py").
  // REQUIRES: wants(id).

  // The store's own file, where only its mode, time or owner is wrong: put right in place, or copied where that is not allowed.
  bool offer_itself(const ObjectId& id);
  // A file in an open directory. Where the store's name is gone, and the file is an intact link, the store gets its name back.
  bool offer_file(const ObjectId& id, int directory, const std::string& name, const std::string& source);
  // Content that is streamed.
  using Producer = std::function<void(const std::function<void(std::string_view)>& sink)>;
  bool offer_bytes(const ObjectId& id, const Producer& produce, const std::string& source);

  // Inodes that lay under the store's names when they were wanted, and had other bytes than they should: whoever links them is to be
  // linked anew.
  [[nodiscard]] const std::map<InodeId, ObjectId>& bad_inodes() const { return bad_; }
  void add_bad_inode(const InodeId& inode, const ObjectId& id) { bad_.emplace(inode, id); }

  // What was brought back -> from where.
  [[nodiscard]] const std::map<ObjectId, std::string>& repaired() const { return repaired_; }

 private:
  [[nodiscard]] bool offer_readable(const ObjectId& id, int directory, const std::string& name,
                                    const std::string& source);
  [[nodiscard]] bool take(const ObjectId& id, const std::string& staged, const std::string& source);
  [[nodiscard]] bool publish(const ObjectId& id, const std::string& staged, const ObjectRow& facts);
  void note_repaired(const ObjectId& id, const std::string& source);
  const StagingDirectory& staging();

  const Store& store_;
  const RepairRun run_;
  std::unique_ptr<StagingDirectory> staging_;
  std::uint64_t next_name_ = 0;
  std::map<ObjectId, ObjectState> wanted_;
  std::map<InodeId, ObjectId> bad_;
  std::map<ObjectId, std::string> repaired_;
};

}  // namespace cas
