#include "store/gc_listing.hpp"

#include "store/leaving_names.hpp"
#include "store/mark.hpp"
#include "store/sys/file.hpp"

namespace cas {

GcListing list_side(const Store& store, const GcOptions& options, GcSide side, Progress& progress) {
  const auto blocks = wanted_blocks(store, options);
  const bool enough_is_free = blocks == 0U;
  const Mark mark(store, options, blocks.value_or(0), Deadline(std::nullopt), progress);
  const LeavingNames leaving(mark.roots(), options.leaving);
  GcListing listing;
  listing.warnings = mark.warnings();
  for (const Package& package : mark.packages()) {
    const bool live = enough_is_free || mark.keeps(package.artifact);
    if (live == (side == GcSide::live)) listing.packages.push_back(package);
  }
  if (side == GcSide::dead && !enough_is_free) listing.plans = mark.evicted_plans();
  const ObjectTable& objects = mark.objects();
  for (ObjectTable::Position i = 0; i < objects.size(); ++i) {
    check_interrupt();
    bool live = enough_is_free || objects.is_held(i);
    if (!live) {
      const auto info = stat_path(store.layout().object(objects.segment(i), objects.id(i)));
      live = info && info->st_nlink > 1 + leaving.of(*info);
    }
    if (live == (side == GcSide::live))
      listing.objects.push_back({objects.id(i), objects.segment(i), objects.bytes(i)});
  }
  return listing;
}

}  // namespace cas
