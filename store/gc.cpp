#include "store/gc.hpp"

#include <algorithm>
#include <span>
#include <unordered_map>

#include "store/base/deadline.hpp"
#include "store/base/error.hpp"
#include "store/base/timing.hpp"
#include "store/bytecode.hpp"
#include "store/history.hpp"
#include "store/leftovers.hpp"
#include "store/lost_interpreters.hpp"
#include "store/mark.hpp"
#include "store/sweep.hpp"
#include "store/sys/probe.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

// As many last uses are noted in one commit; whoever writes waits for no more.
constexpr std::size_t kBatchRoots = 256;

bool names(const std::vector<std::string>& ids, const Root& root) {
  return std::ranges::find(ids, root.anchor.id) != ids.end();
}

// Anchors whose environment is gone go; one that was replaced, by a command that died then, becomes history. What is left when time is
// up goes next time.
void retire_dead(const Store& store, const Mark& mark, const GcOptions& options,
                 const std::vector<std::string>& never_made, const Deadline& deadline, GcResult& result) {
  const auto is_dead = [](const Root& root) { return root.state == AnchorState::dead; };
  // Successors may have come since the mark.
  const std::vector<Root> now = std::ranges::any_of(mark.roots(), is_dead) ? list_roots(store) : std::vector<Root>{};
  std::unordered_map<std::string, const Root*> successors;  // by whom they replace
  for (const Root& root : now) {
    if (!is_dead(root)) successors.emplace(root.anchor.replaces, &root);
  }
  std::vector<Root> retired;
  for (const Root& root : mark.roots()) {
    if (!is_dead(root)) continue;
    const auto successor = successors.find(root.anchor.id);
    if (names(options.forgotten, root)) {
      result.forgotten.push_back(root.anchor.target);
    } else if (successor == successors.end() && !names(options.leaving, root) && !names(never_made, root)) {
      result.gone.push_back(root.anchor.target);
    }
    if (options.dry_run) continue;
    if (successor == successors.end()) {
      retired.push_back(root);
    } else {
      keep_revision(store, root, successor->second->anchor);
    }
  }
  for (std::size_t i = 0; i < retired.size() && !deadline.passed(); i += kBatchRoots) {
    check_interrupt();
    retire_roots(store, std::span(retired).subspan(i, std::min(kBatchRoots, retired.size() - i)));
  }
  if (options.drop_history) result.history_dropped = held_history(store, mark.roots(), result.warnings).revisions;
  if (options.dry_run) return;
  remove_expired_history(store, options.drop_history);
  forget_removed_interpreters(store, mark.roots());
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
  if (!options.dry_run) correct_future_times(store);
  std::vector<std::string> dead_makers;
  result.pages = remove_old_pages(store, options.pages_max_age, options.dry_run);
  {
    const Timer timer("clean up after dead makers");
    dead_makers = clean_dead_makers(store, options.dry_run);
    result.leftovers_removed += dead_makers.size();
    // Before the mark: there may be environments in it, of builds that were killed.
    if (!options.dry_run) result.leftovers_removed += remove_dead_staging(store.layout().staging());
  }
  Mark mark = [&] {
    const Timer timer("mark");
    return Mark(store, options, blocks.value_or(0), deadline, progress);
  }();
  result.environments = mark.live_environments();
  result.unseen = static_cast<std::uint64_t>(
      std::ranges::count(mark.roots(), AnchorState::unseen, [](const Root& root) { return root.state; }));
  result.warnings = mark.warnings();
  if (!mark.is_complete()) {
    result.stop = GcStop::max_duration;
    return result;
  }
  result.frees_too_little = mark.frees_too_little();
  retire_dead(store, mark, options, dead_makers, deadline, result);
  result.history_revisions = mark.history().revisions;
  result.history_packages = mark.history().packages.size();
  result.history_bytes = mark.history_bytes();

  const Timer timer("sweep");
  if (options.dry_run) {
    result.packages = mark.evicted();
    result.plans = mark.evicted_plans();
    sweep_objects(store, mark, options, deadline, result, progress);
    if (result.stop == GcStop::finished && mark.leaves_packages()) result.stop = GcStop::max_freed;
    return result;
  }
  forget_plans(store, mark, deadline, result);
  if (result.stop == GcStop::finished) forget_packages(store, mark, deadline, result);
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
