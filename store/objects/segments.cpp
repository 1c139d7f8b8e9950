#include "store/objects/segments.hpp"

#include <algorithm>

#include "store/sys/access.hpp"
#include "store/sys/file.hpp"
#include "store/sys/group_access.hpp"
#include "store/sys/lock.hpp"

namespace cas {
namespace {

// How many of the youngest segments are looked at for room. Older holes stay: refilling them would scatter what is
// ingested together.
constexpr std::size_t kCandidates = 8;

}  // namespace

SegmentWriter::SegmentWriter(const StoreLayout& layout, Index& index) : layout_(layout), index_(index) {}

const HeldSegment& SegmentWriter::place() {
  const std::lock_guard lock(mutex_);
  if (room_ == 0) open_segment();
  --room_;
  return *held_.back();
}

std::vector<std::uint32_t> SegmentWriter::used() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint32_t> numbers;
  for (const auto& segment : held_) numbers.push_back(segment->number);
  return numbers;
}

bool SegmentWriter::try_hold(std::uint32_t number, std::uint32_t objects) {
  const auto mine = [&](const auto& segment) { return segment->number == number; };
  if (std::any_of(held_.begin(), held_.end(), mine)) return false;
  Fd directory = try_open_directory_at(kCurrentDirectory, layout_.segment(number));
  // One that somebody else made for himself alone is passed over, too.
  if (!directory || directory_write_problem(directory.get(), ".") != 0) return false;
  if (!try_lock_fd(directory.get(), LockMode::exclusive)) return false;
  // The collector removes empty segments: what was opened may have been unlinked before the lock was ours.
  const auto there = stat_path(layout_.segment(number));
  if (!there || there->st_ino != stat_fd(directory.get(), "segment").st_ino) return false;
  held_.push_back(std::make_unique<HeldSegment>(HeldSegment{number, std::move(directory)}));
  room_ = kSegmentObjects - objects;
  return true;
}

void SegmentWriter::open_segment() {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> segments;
  index_.read([&](const ReadTxn& txn, const Schema& schema) {
    schema.segments.for_each(
        txn, [&](std::uint32_t number, const SegmentRow& row) { segments.emplace_back(number, row.objects); });
  });
  const std::size_t first = segments.size() > kCandidates ? segments.size() - kCandidates : 0;
  for (std::size_t i = segments.size(); i-- > first;) {
    const auto [number, objects] = segments[i];
    if (objects < kSegmentObjects / 2 && try_hold(number, objects)) return;
  }
  // Numbers of segments on disk that the index does not know (a crashed writer's, another writer's) are passed over.
  std::uint32_t number = segments.empty() ? 0 : segments.back().first + 1;
  while (!try_make_store_directory(layout_.segment(number)) || !try_hold(number, 0)) ++number;
}

}  // namespace cas
