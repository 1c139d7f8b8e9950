// Where the next object goes.
//
// A segment is a directory filled in ingest order, not a shard by hash: objects that were ingested together are
// linked together, and on a cold page cache that is ten times faster (docs/architecture.md). A segment being filled
// has one writer, by flock on its directory; a second writer opens another. The collector takes the same lock
// before it removes files from a segment.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "store/index/index.hpp"
#include "store/objects/layout.hpp"
#include "store/sys/fd.hpp"

namespace cas {

inline constexpr std::uint32_t kSegmentObjects = 4096;  // 64-byte names: directories of some 400 kB

// A segment whose lock this process holds.
struct HeldSegment {
  std::uint32_t number = 0;
  Fd directory;
};

// Hands out places, and holds the segments' locks until it is destroyed: that is, until the index names what was
// put there. Thread-safe.
class SegmentWriter {
 public:
  SegmentWriter(const StoreLayout& layout, Index& index);

  // The segment for the next object, counting it. The reference stays valid as long as the writer.
  const HeldSegment& place();
  // Every segment that place() gave out.
  [[nodiscard]] std::vector<std::uint32_t> used() const;

 private:
  void open_segment();
  bool try_hold(std::uint32_t number, std::uint32_t objects);

  const StoreLayout& layout_;
  Index& index_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<HeldSegment>> held_;
  std::uint32_t room_ = 0;
};

}  // namespace cas
