#include "store/automatic_gc.hpp"

#include "store/base/clock.hpp"
#include "store/sys/file.hpp"
#include "store/sys/lock.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

bool was_in_vain(const Store& store) {
  const auto info = stat_path(store.layout().automatic_in_vain());
  if (!info) return false;
  const auto ago = static_cast<std::int64_t>(now_seconds()) - info->st_mtim.tv_sec;
  return ago >= 0 && ago < std::chrono::duration_cast<std::chrono::seconds>(kAutomaticPause).count();
}

}  // namespace

std::optional<AutomaticGc> collect_automatically(const Store& store, std::uint64_t min_free, std::uint64_t max_free,
                                                 Progress& progress) {
  GcOptions options;
  options.min_free = min_free;
  options.max_free = max_free;
  options.max_duration = kAutomaticDuration;
  if (wanted_blocks(store, options) == 0U || was_in_vain(store)) return std::nullopt;
  const Fd lock = open_or_create(store.layout().automatic_lock(), 0644);
  if (!try_lock_fd(lock.get(), LockMode::exclusive)) return std::nullopt;
  // Another may have been at it, and done it, since.
  if (wanted_blocks(store, options) == 0U || was_in_vain(store)) return std::nullopt;

  AutomaticGc done;
  done.result = collect_garbage(store, options, progress);
  const bool goes_on = done.result.stop == GcStop::max_duration && done.result.objects_removed > 0;
  done.in_vain = !goes_on && wanted_blocks(store, options) != 0U;
  if (done.in_vain) {
    publish_file(store.layout().locks(), "automatic.in-vain", "", 0644, Durability::none);
  } else {
    remove_file_at(kCurrentDirectory, store.layout().automatic_in_vain());
  }
  return done;
}

}  // namespace cas
