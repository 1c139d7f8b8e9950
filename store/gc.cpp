#include "store/gc.hpp"

#include <algorithm>

#include "store/base/deadline.hpp"
#include "store/base/error.hpp"
#include "store/base/timing.hpp"
#include "store/bytecode.hpp"
#include "store/history.hpp"
#include "store/leftovers.hpp"
#include "store/mark.hpp"
#include "store/sweep.hpp"
#include "store/sys/probe.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

// Anchors whose environment is gone go; one that was replaced, by a command that died then, becomes history.
void retire_dead(const Store& store, const Mark& mark, const GcOptions& options, GcResult& result) {
  const auto is_dead = [](const Root& root) { return root.state == AnchorState::dead; };
  // Successors may have come since the mark.
  const std::vector<Root> now = std::ranges::any_of(mark.roots(), is_dead) ? list_roots(store) : std::vector<Root>{};
  for (const Root& root : mark.roots()) {
    if (!is_dead(root)) continue;
    const auto successor = std::ranges::find_if(
        now, [&](const Root& other) { return !is_dead(other) && other.anchor.replaces == root.anchor.id; });
    const bool forgotten = std::ranges::find(options.forgotten, root.anchor.id) != options.forgotten.end();
    const bool leaving = std::ranges::find(options.leaving, root.anchor.id) != options.leaving.end();
    if (forgotten) {
      result.forgotten.push_back(root.anchor.target);
    } else if (successor == now.end() && !leaving) {
      result.gone.push_back(root.anchor.target);
    }
    if (options.dry_run) continue;
    if (successor == now.end()) {
      retire_root(store, root);
    } else {
      keep_revision(store, root, successor->anchor);
    }
  }
  if (!options.dry_run) remove_expired_history(store, mark.roots(), options.drop_history);
}

}  // namespace

std::optional<std::uint64_t> wanted_blocks(const Store& store, const GcOptions& options) {
  if (!options.min_free && !options.max_free) return std::nullopt;
  const std::uint64_t target = free_target(options);
  const std::uint64_t free = filesystem_of(store.layout().objects()).free_bytes;
  return free >= options.min_free.value_or(target) || free >= target ? 0 : target - free;
}

GcResult collect_garbage(const Store& store, const GcOptions& options, Progress& progress) {
  GcResult result;
  if (!options.dry_run && store.index().read_only()) {
    throw Error("collecting garbage: the store " + store.layout().root() + " can only be read here",
                "run it as its owner, where it can be written; --dry-run only looks");
  }
  const Deadline deadline(options.max_duration);
  const auto blocks = wanted_blocks(store, options);
  if (blocks == 0U) {
    result.stop = GcStop::enough_free;
    return result;
  }
  DiskReserve reserve(store, options.dry_run);
  result.pages = remove_old_pages(store, options.pages_max_age, options.dry_run);
  {
    const Timer timer("clean up after dead makers");
    result.leftovers_removed += clean_dead_makers(store, options.dry_run);
    // Before the mark: there may be environments in it, of builds that were killed.
    if (!options.dry_run) result.leftovers_removed += remove_dead_staging(store.layout().staging());
  }
  Mark mark = [&] {
    const Timer timer("mark");
    return Mark(store, options, blocks.value_or(0), deadline, progress);
  }();
  result.environments = mark.live_environments();
  result.warnings = mark.warnings();
  if (!mark.is_complete()) {
    result.stop = GcStop::max_duration;
    return result;
  }
  retire_dead(store, mark, options, result);
  result.history_revisions = mark.history().revisions;
  result.history_packages = mark.history().packages.size();
  result.history_bytes = mark.history_bytes();

  const Timer timer("sweep");
  if (options.dry_run) {
    result.packages = mark.evicted();
    sweep_objects(store, mark, options, deadline, result, progress);
    if (result.stop == GcStop::finished && mark.leaves_packages()) result.stop = GcStop::max_freed;
    return result;
  }
  forget_packages(store, mark, deadline, result);
  // Objects of packages that are still there hang on nothing but the mark: none of them may go then.
  if (result.stop == GcStop::finished) {
    sweep_objects(store, mark, options, deadline, result, progress);
    if (result.objects_removed > 0) forget_lost_bytecode(store);
  }
  if (result.stop == GcStop::finished && mark.leaves_packages()) result.stop = GcStop::max_freed;
  if (!deadline.passed()) result.leftovers_removed += remove_leftovers(store);
  result.warnings = mark.warnings();
  return result;
}

}  // namespace cas
