// Taking objects over from a base store: a hard link, else a reflink, else a copy.
//
// What is linked or cloned is the file of a store whose index is believed, as one's own is: it is looked at (kind, size, mode, time,
// owner), and not read. What is not, because others could change it or a crash may have cost it, or what cannot be linked, is copied,
// and the copy has the object's digest or does not become one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>

#include "store/objects/object_batch.hpp"
#include "store/store.hpp"

namespace cas {

// Of one base store into one batch. Thread-safe.
class ObjectTaker {
 public:
  ObjectTaker(const Store& base, ObjectBatch& batch);

  // Throws NotFound where the file vanished, Corruption where it is not what its row says; what writing throws.
  void take(const ObjectId& id, const ObjectRow& row);
  [[nodiscard]] FromBases counts() const;

 private:
  struct Segment {
    Fd directory;
    bool believed = false;  // what lies in it may be linked
  };
  // A way of taking files over, until it has failed a few times in a row.
  struct Way {
    bool open = true;
    unsigned failures = 0;
    std::uint64_t taken = 0;
  };

  const Segment& segment(std::uint32_t number);
  bool try_way(Way& way, const ObjectId& id, const ObjectRow& row, const ObjectBatch::Placer& place);
  [[nodiscard]] LinkOutcome link(const Segment& from, const ObjectId& id, const ObjectRow& row, int to,
                                 const char* name) const;
  [[nodiscard]] LinkOutcome clone(const Segment& from, const ObjectId& id, const ObjectRow& row, int to,
                                  const char* name, Fd& written) const;
  void copy(const Segment& from, const ObjectId& id, const ObjectRow& row);

  const Store& base_;
  ObjectBatch& batch_;
  std::set<std::uint32_t> unsynced_;
  mutable std::mutex mutex_;
  std::map<std::uint32_t, std::unique_ptr<Segment>> segments_;
  Way linking_, cloning_;
  std::uint64_t copied_ = 0, bytes_ = 0;
};

// Those of `objects` that neither the store nor the batch has. nullopt: one is not in the base's index, has vanished, or is damaged,
// which is said by Store::warn(); what was taken stays in the batch.
[[nodiscard]] std::optional<FromBases> take_objects(const Store& store, const Store& base, ObjectBatch& batch,
                                                    std::span<const ObjectId> objects, unsigned threads);

}  // namespace cas
