// Parts of a file, by offset.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace cas {

struct ByteRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  // of the first byte behind it

  [[nodiscard]] std::uint64_t size() const { return end - begin; }
  bool operator==(const ByteRange&) const = default;
};

// A set of bytes.
class ByteRanges {
 public:
  void add(ByteRange range);
  // An empty range is in every set.
  [[nodiscard]] bool contains(ByteRange range) const;
  // What of `range` is not in the set, in order.
  [[nodiscard]] std::vector<ByteRange> missing(ByteRange range) const;
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  std::map<std::uint64_t, std::uint64_t> ranges_;  // begin -> end; neither overlapping nor touching
};

// In order, without overlap; where at most `gap` bytes lie between two, they are one.
[[nodiscard]] std::vector<ByteRange> coalesced(std::vector<ByteRange> ranges, std::uint64_t gap);

[[nodiscard]] std::uint64_t total_bytes(const std::vector<ByteRange>& ranges);

}  // namespace cas
