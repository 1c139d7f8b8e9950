#include "store/object_table.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "store/base/error.hpp"
#include "store/base/progress.hpp"

namespace cas {
namespace {

// Some 3 ms: whoever wants to write waits no longer than that.
constexpr std::size_t kPieceRows = 8192;
constexpr unsigned kMostBucketBits = 24;

// The first `bits` (at most 24) of the digest.
std::uint32_t first_bits(const Sha256Digest& digest, unsigned bits) {
  const std::uint32_t value =
      (std::uint32_t{digest.bytes[0]} << 16) | (std::uint32_t{digest.bytes[1]} << 8) | std::uint32_t{digest.bytes[2]};
  return value >> (24 - bits);
}

}  // namespace

ObjectTable::ObjectTable(Index& index) {
  bool more = true;
  while (more) {
    check_interrupt();
    index.read([&](const ReadTxn& txn, const Schema& schema) {
      if (ids_.empty()) {
        const std::size_t expected = schema.objects.size(txn) + kPieceRows;
        ids_.reserve(expected);
        bytes_.reserve(expected);
        segments_.reserve(expected);
      }
      const ObjectId from = ids_.empty() ? ObjectId{} : ids_.back();
      const bool first = ids_.empty();
      std::size_t rows = 0;
      more = false;
      schema.objects.for_each_from(txn, from, [&](const ObjectId& id, const ObjectRow& row) {
        if (!first && id == from) return true;
        if (rows++ == kPieceRows) {
          more = true;
          return false;
        }
        ids_.push_back(id);
        bytes_.push_back(row.size);
        segments_.push_back(row.segment);
        return true;
      });
    });
  }
  if (ids_.size() >= std::numeric_limits<Position>::max()) throw Error("the index has more objects than can be marked");
  holders_.resize(ids_.size());
  make_buckets();
}

void ObjectTable::make_buckets() {
  // About eight objects to each.
  bucket_bits_ = std::min(static_cast<unsigned>(std::bit_width(ids_.size() / 8)), kMostBucketBits);
  buckets_.resize((std::size_t{1} << bucket_bits_) + 1);
  for (const ObjectId& id : ids_) ++buckets_[first_bits(id.digest, bucket_bits_) + 1];
  for (std::size_t i = 1; i < buckets_.size(); ++i) buckets_[i] += buckets_[i - 1];
}

std::optional<ObjectTable::Position> ObjectTable::find(const ObjectId& id) const {
  const std::uint32_t bucket = first_bits(id.digest, bucket_bits_);
  const auto begin = ids_.begin() + buckets_[bucket];
  const auto end = ids_.begin() + buckets_[bucket + 1];
  const auto found = std::lower_bound(begin, end, id);
  if (found == end || *found != id) return std::nullopt;
  return static_cast<Position>(found - ids_.begin());
}

}  // namespace cas
