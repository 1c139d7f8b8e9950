#include "store/base/byte_ranges.hpp"

#include <algorithm>
#include <iterator>

namespace cas {

void ByteRanges::add(ByteRange range) {
  if (range.begin >= range.end) return;
  auto next = ranges_.upper_bound(range.begin);
  if (next != ranges_.begin() && std::prev(next)->second >= range.begin) --next;
  while (next != ranges_.end() && next->first <= range.end) {
    range.begin = std::min(range.begin, next->first);
    range.end = std::max(range.end, next->second);
    next = ranges_.erase(next);
  }
  ranges_.emplace(range.begin, range.end);
}

bool ByteRanges::contains(ByteRange range) const { return missing(range).empty(); }

std::vector<ByteRange> ByteRanges::missing(ByteRange range) const {
  std::vector<ByteRange> result;
  auto next = ranges_.upper_bound(range.begin);
  if (next != ranges_.begin()) --next;
  for (; next != ranges_.end() && next->first < range.end && range.begin < range.end; ++next) {
    if (next->first > range.begin) result.push_back({range.begin, next->first});
    range.begin = std::max(range.begin, next->second);
  }
  if (range.begin < range.end) result.push_back(range);
  return result;
}

std::uint64_t ByteRanges::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [begin, end] : ranges_) sum += end - begin;
  return sum;
}

std::vector<ByteRange> coalesced(std::vector<ByteRange> ranges, std::uint64_t gap) {
  std::erase_if(ranges, [](const ByteRange& range) { return range.begin >= range.end; });
  std::ranges::sort(ranges, {}, &ByteRange::begin);
  std::vector<ByteRange> result;
  for (const ByteRange& range : ranges) {
    if (!result.empty() && (range.begin <= result.back().end || range.begin - result.back().end <= gap)) {
      result.back().end = std::max(result.back().end, range.end);
    } else {
      result.push_back(range);
    }
  }
  return result;
}

std::uint64_t total_bytes(const std::vector<ByteRange>& ranges) {
  std::uint64_t sum = 0;
  for (const ByteRange& range : ranges) sum += range.size();
  return sum;
}

}  // namespace cas
