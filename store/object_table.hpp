// The objects of the index as a collection sees them: where each lies, and how many need it.
//
// A snapshot in the order of the index, 49 bytes an object (33 of them its name), read in pieces, so that nobody waits for the reader.
// What is added while it is read, or later, may be missing: it came after, and is not the collection's to take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "store/base/digest.hpp"
#include "store/index/index.hpp"

namespace cas {

class ObjectTable {
 public:
  using Position = std::uint32_t;

  explicit ObjectTable(Index& index);

  [[nodiscard]] std::size_t size() const { return ids_.size(); }
  // nullopt: it came after the snapshot.
  [[nodiscard]] std::optional<Position> find(const ObjectId& id) const;

  [[nodiscard]] const ObjectId& id(Position position) const { return ids_[position]; }
  [[nodiscard]] std::uint64_t bytes(Position position) const { return bytes_[position]; }
  [[nodiscard]] std::uint32_t segment(Position position) const { return segments_[position]; }
  [[nodiscard]] bool is_held(Position position) const { return holders_[position] > 0; }

  // One more needs it. true: nobody did before.
  bool hold(Position position) { return holders_[position]++ == 0; }
  // One less. true: nobody does any more. REQUIRES: somebody held it.
  bool release(Position position) { return --holders_[position] == 0; }

 private:
  void make_buckets();

  std::vector<ObjectId> ids_;
  std::vector<std::uint64_t> bytes_;
  std::vector<std::uint32_t> segments_, holders_;
  // Digests are evenly distributed: their first bits lead to the few among which to look.
  std::vector<Position> buckets_;
  unsigned bucket_bits_ = 0;
};

}  // namespace cas
