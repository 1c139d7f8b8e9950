// Revisions: what environments were before, for as long as they can be rolled back to.
//
// Every anchor names its environment's history, a random id, its number in it, and the anchor whose place it took. When an
// anchor is replaced, its file is not removed but renamed: roots/<id> becomes history/<history>/<number>, and keeps its packages alive.
// So the current revision is the anchor itself, and what the last change was is decided by what decides the change. A killed change may
// leave the replaced anchor in roots/; whoever comes next knows it by the name that its successor carries.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

// How many replaced revisions an environment keeps, and how long after they were replaced.
inline constexpr std::uint64_t kMostRevisions = 20;
inline constexpr std::chrono::hours kRevisionAge{24 * 30};

struct Revision {
  std::uint64_t number = 0;
  Anchor anchor;                 // as it was, with the id and the target of then
  std::int64_t replaced_at = 0;  // seconds since the epoch; 0: it is the current one
};

// Those of the environment that can be rolled back to, and the current one, which is the last; by number. A file that cannot be read is
// left out, with a warning.
[[nodiscard]] std::vector<Revision> list_revisions(const Store& store, const Anchor& current,
                                                   std::vector<std::string>& warnings);

// Gives `anchor` its place behind `before` in the history; nullopt: at the beginning of a new one.
void continue_history(const std::optional<Anchor>& before, Anchor& anchor);
// Whether the anchors differ in nothing but when, as what and by which command they were made.
[[nodiscard]] bool same_environment(Anchor a, Anchor b);

// Keeps the anchor that `successor` has replaced as a revision, and removes those that are too many. Instead of retire_root().
void keep_revision(const Store& store, const Root& replaced, const Anchor& successor);
// The same for the one that a killed command has left. To be called before `current` is replaced in turn.
void settle_history(const Store& store, const Anchor& current);

// Lets go of all revisions but the current one. Returns how many there were. `dry_run`: only counts.
std::size_t drop_revisions(const Store& store, const Anchor& current, bool dry_run);

// For the collector.
struct HeldHistory {
  std::uint64_t revisions = 0;
  std::unordered_set<Sha256Digest> packages;  // artifacts that the revisions name
  std::vector<Anchor> anchors;                // as they were
};
// What the environments' revisions hold; those that are too old, or whose environment is gone, hold nothing.
[[nodiscard]] HeldHistory held_history(const Store& store, const std::vector<Root>& roots,
                                       std::vector<std::string>& warnings);
// Calls f(anchor as it was, number) for each revision that holds something.
void for_each_held_revision(const Store& store, const std::vector<Root>& roots, std::vector<std::string>& warnings,
                            const std::function<void(const Anchor& anchor, std::uint64_t number)>& f);
// Anchors, revisions, and last uses of packages, whose time lies in the future, because a clock was set back, get the present one: otherwise what is counted
// from their last use would not begin before the clock has come that far. What belongs to others in a shared store stays for them.
void correct_future_times(const Store& store);

// Removes those that hold nothing; with `all`, every one.
void remove_expired_history(const Store& store, bool all);

}  // namespace cas
