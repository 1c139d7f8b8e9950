// Putting objects into the store, many at a time.
//
// Objects are hashed while they are written, and become real only when commit_row() inserts their rows in the caller's
// write transaction. One whose digest was promised is written in its segment under its name at once; the others in a
// staging directory, and are renamed (half of what making a small file costs: two directories are changed once more, under
// their locks). Whatever was not committed is removed by the destructor; after a crash it is an orphan, whole or not, that
// the collector removes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "store/base/digest.hpp"
#include "store/index/index.hpp"
#include "store/objects/layout.hpp"
#include "store/objects/segments.hpp"
#include "store/sys/durability.hpp"
#include "store/sys/link.hpp"
#include "store/sys/publish.hpp"

namespace cas {

enum class RowOutcome {
  absent,   // neither the index nor this batch has the object
  present,  // the index had it
  inserted  // it is new
};

// Thread-safe up to synchronise(); the rest is for one thread.
class ObjectBatch {
 public:
  ObjectBatch(const StoreLayout& layout, Index& index, Durability durability);
  ~ObjectBatch();
  ObjectBatch(const ObjectBatch&) = delete;
  ObjectBatch& operator=(const ObjectBatch&) = delete;

  // Receives pieces of the content.
  using Sink = std::function<void(std::string_view)>;
  // Streams content through a sink and returns its SHA-256, having verified what it had to.
  using Producer = std::function<Sha256Digest(const Sink&)>;

  // Writes what `produce` streams as an object, unless this batch or its segment holds it already. Empty content makes no object.
  // When `produce` throws nothing remains. `crc32` is the content's, as `produce` has verified it. `expected`: the digest that
  // it will probably have; where it has another one `produce` may be called twice.
  ObjectId put(const Producer& produce, Executable executable, std::uint32_t crc32,
               const std::optional<Sha256Digest>& expected = {});

  // Makes the file `name` in the open directory; `written`: its descriptor, where it has bytes of its own that have to be made durable.
  using Placer = std::function<LinkOutcome(int directory, const char* name, Fd& written)>;
  // Gives an object of which everything is known the file that `place` makes: a link, a clone. linked: it is in the batch, be it
  // that it was before; anything else is what `place` answered, and nothing is left.
  [[nodiscard]] LinkOutcome place(const ObjectId& id, const ObjectRow& row, const Placer& place);

  // An object of this batch; nullopt: not here (it may be in the store).
  [[nodiscard]] std::optional<ObjectRow> find(const ObjectId& id) const;

  // Makes all that was put durable, by policy. Before commit_rows().
  void synchronise();
  // For files of the caller that must last together with the objects.
  [[nodiscard]] SyncBatch& sync() { return sync_; }
  [[nodiscard]] const StagingDirectory& staging() const { return staging_; }
  // Where what was put lies.
  [[nodiscard]] std::vector<std::uint32_t> segments() const { return segments_.used(); }

  // Before the first commit_row() of each transaction: an earlier attempt may have been aborted.
  void begin_rows();
  // Inserts a row for `id` if it is an object of this batch and the index has none. REQUIRES: synchronise() was called; the transaction commits, and then committed() is called.
  [[nodiscard]] RowOutcome commit_row(WriteTxn& txn, const Schema& schema, const ObjectId& id);
  // The transaction with commit_row() calls was committed; without this call they count as never made.
  void committed();

 private:
  struct Pending {
    ObjectRow row;
    int directory = -1;
    bool chosen = false;  // the index's row, in the transaction or before it, means this file
  };
  // A file that is being written.
  struct Draft {
    const HeldSegment* segment =
        nullptr;           // that it lies in, under its object's name; nullptr: in the staging directory
    ObjectId id{};         // with a segment
    std::string staged{};  // its name in the staging directory, without one
    Fd file{};
    bool made = false;
    bool placed = false;  // by place(): it may have names elsewhere
  };
  [[nodiscard]] std::string staged_name();
  void remove_marks() noexcept;
  [[nodiscard]] bool remove_pending() noexcept;
  void create(Draft& draft, Executable executable, const std::optional<Sha256Digest>& expected);
  // These five with mutex_ held.
  void mark(const HeldSegment& segment);
  [[nodiscard]] bool overtaken(const Draft& draft) const;
  void discard(const Draft& draft) noexcept;
  [[nodiscard]] bool has_row(const HeldSegment& segment, const ObjectId& id) const;
  void keep(const ObjectId& id, const ObjectRow& row, Draft& draft);

  const StoreLayout& layout_;
  Index& index_;
  StagingDirectory staging_;
  SyncBatch sync_;
  SegmentWriter segments_;
  mutable std::mutex mutex_;
  std::unordered_map<ObjectId, Pending> pending_;
  // Segments with kTakeOverMark: whether it is this batch's, which removes it. One that was left by somebody who was killed stays for
  // the collector.
  std::unordered_map<const HeldSegment*, bool> marked_;
  std::uint64_t next_name_ = 0;
};

}  // namespace cas
