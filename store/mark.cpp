#include "store/mark.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "store/base/clock.hpp"
#include "store/base/codec.hpp"
#include "store/base/text.hpp"
#include "store/interpreters.hpp"
#include "store/leaving_names.hpp"
#include "store/lost_interpreters.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"
#include "store/sys/own_directory.hpp"
#include "store/sys/probe.hpp"

namespace cas {
namespace {

constexpr std::size_t kPiecePlans = 16;  // some milliseconds: whoever wants to write waits no longer than that

GcPackage describe(const Package& package, std::string reason) {
  return {package.artifact, package.row.name, package.row.version, package.row.file_name, std::move(reason)};
}

std::string size_reason(const GcOptions& options) {
  if (options.max_size) return "the store is larger than " + format_size(*options.max_size);
  return fmt::format("less than {} of the disk is free", format_size(free_target(options)));
}

// false: another collector has forgotten the package since; one that was added again is a newcomer.
bool is_listed_still(const Store& store, const Package& package) {
  const auto now = find_package(store.index(), package.artifact);
  return now && now->row.sequence == package.row.sequence;
}

// nullopt: another collector has forgotten it. Where it is there, a manifest that cannot be read is damage.
std::optional<Manifest> read_listed(const Store& store, const Package& package) {
  try {
    return read_manifest(store.layout(), package.row.manifest);
  } catch (const Corruption&) {
    if (!is_listed_still(store, package)) return std::nullopt;
    throw;
  }
}

template <class F>
void for_each_digest(std::string_view digests, F&& f) {
  ByteReader reader(digests);
  while (!reader.at_end()) f(reader.digest());
}

}  // namespace

// What is held, and what evictions give back.
struct Mark::Sizes {
  LeavingNames leaving;
  std::uint64_t block = 1;  // what a file takes is a multiple of it
  std::uint64_t held = 0, freed = 0, freed_blocks = 0;

  void free(std::uint64_t bytes) {
    freed += bytes;
    freed_blocks += (bytes + block - 1) / block * block;
  }
};

Mark::Mark(const Store& store, const GcOptions& options, std::uint64_t free_blocks, const Deadline& deadline,
           Progress& progress)
    : store_(store), objects_(store.index()) {
  read_roots(options);
  packages_ = list_packages(store.index());
  for (const Package& package : packages_) sequence_ = std::max(sequence_, package.row.sequence);
  sizes_decide_ = options.max_size || options.max_freed || options.min_free || options.max_free;
  choose_packages(options);
  mark_all(options, deadline, progress);
  if (!complete_) return;
  if (sizes_decide_) evict_by_size(options, free_blocks);
  measure_history();
}

void Mark::read_roots(const GcOptions& options) {
  roots_ = list_roots(store_, &warnings_);
  for (const StoredInterpreter& interpreter : list_interpreters(store_, &warnings_)) {
    interpreters_.insert(interpreter.artifact);
    plan_holds_.add_package(interpreter.artifact);
  }
  pins_ = list_pins(store_, &warnings_);
  for (const Pin& pin : pins_) {
    seen_pins_.insert(pin.id);
    for (const PinnedPackage& package : pin.packages) {
      kept_.insert(package.artifact);
      plan_holds_.add_package(package.artifact);
    }
  }
  if (!warnings_.empty()) {
    blind_ = true;
    warnings_.emplace_back(
        "an anchor, pin or interpreter cannot be read: nobody knows what it needs, so every package is kept until it "
        "is "
        "removed. An interpreter: `cas python add` with the Python that it was captured from makes its record anew, "
        "`cas python "
        "remove` with its directory's name takes it away");
  }
  for (Root& root : roots_) {
    seen_ids_.insert(root.anchor.id);
    const bool forgotten = std::ranges::find(options.forgotten, root.anchor.id) != options.forgotten.end();
    // Somebody may have brought it back since it was asked for.
    if (forgotten && !root.at_target && root.state != AnchorState::running) root.state = AnchorState::dead;
    if (std::ranges::find(options.leaving, root.anchor.id) != options.leaving.end()) root.state = AnchorState::dead;
    if (root.state != AnchorState::dead) plan_holds_.add(root.anchor, root.state);
  }
  // Their trees can be made again as long as their packages are there.
  for (const LostInterpreter& lost : list_lost_interpreters(store_, roots_)) {
    interpreters_.insert(lost.artifact);
    plan_holds_.add_package(lost.artifact);
  }
}

std::uint64_t Mark::live_environments() const {
  return static_cast<std::uint64_t>(
      std::count_if(roots_.begin(), roots_.end(), [](const Root& root) { return root.state != AnchorState::dead; }));
}

bool Mark::is_garbage(const ObjectId& id) const {
  const auto position = objects_.find(id);
  return position && !objects_.is_held(*position);
}

void Mark::choose_packages(const GcOptions& options) {
  std::unordered_map<Sha256Digest, std::uint64_t> last_use;
  for (const Root& root : roots_) {
    for (const AnchoredPackage& package : root.anchor.packages) {
      if (root.state != AnchorState::dead) {
        kept_.insert(package.artifact);
      } else {
        auto& used = last_use[package.artifact];
        used = std::max(used, static_cast<std::uint64_t>(root.used_at));
      }
    }
  }
  kept_.insert(interpreters_.begin(), interpreters_.end());
  keep_namesakes();
  if (!options.drop_history) {
    HeldHistory held = held_history(store_, roots_, warnings_);
    history_.revisions = held.revisions;
    for (const Sha256Digest& artifact : held.packages) {
      if (kept_.insert(artifact).second) history_.packages.insert(artifact);
    }
    for (const Anchor& anchor : held.anchors) plan_holds_.add(anchor, AnchorState::live);
  }
  needed_ = kept_;
  for (Package& package : packages_) {
    if (blind_) kept_.insert(package.artifact);
    package.row.used_at = std::max(package.row.used_at, last_use[package.artifact]);
  }
  if (options.keep_last > 0) keep_last_of_each_name(options.keep_last);

  const std::uint64_t now = now_seconds();
  const bool sizes_retain = options.max_size || options.min_free || options.max_free;
  for (const Package& package : packages_) {
    if (kept_.contains(package.artifact)) continue;
    const std::uint64_t idle = now > package.row.used_at ? now - package.row.used_at : 0;
    if (options.max_age && idle >= static_cast<std::uint64_t>(options.max_age->count())) {
      candidates_.push_back({&package, fmt::format("no environment uses it, unused for {}",
                                                   format_duration(std::chrono::seconds(idle)))});
    } else if (!options.max_age && !sizes_retain) {
      candidates_.push_back({&package, "no environment uses it"});
    } else if (sizes_retain) {
      candidates_.push_back({&package, "no environment uses it, and " + size_reason(options), true});
    } else {
      kept_.insert(package.artifact);
    }
  }
  std::ranges::stable_sort(candidates_, {}, [](const Candidate& one) { return one.package->row.used_at; });
  for (const Candidate& candidate : candidates_) {
    if (sizes_decide_) {
      kept_.insert(candidate.package->artifact);
    } else {
      evicted_.push_back(describe(*candidate.package, candidate.reason));
    }
  }
}

// One bit of a digest is another digest, in an anchor or pin as in the index, and none of them has a checksum: where what is named is not
// there, packages of its name and version stay.
void Mark::keep_namesakes() {
  std::unordered_set<Sha256Digest> there;
  for (const Package& package : packages_) there.insert(package.artifact);
  std::set<std::pair<std::string, std::string>> lost;
  const auto look = [&](const auto& packages) {
    for (const auto& package : packages) {
      if (!there.contains(package.artifact)) lost.emplace(normalize_name(package.name), package.version);
    }
  };
  for (const Root& root : roots_) {
    if (root.state != AnchorState::dead) look(root.anchor.packages);
  }
  for (const Pin& pin : pins_) look(pin.packages);
  if (lost.empty()) return;
  for (const Package& package : packages_) {
    if (!lost.contains({package.row.normalized_name, package.row.version})) continue;
    kept_.insert(package.artifact);
    plan_holds_.add_package(package.artifact);
  }
}

void Mark::keep_last_of_each_name(std::uint64_t number) {
  std::vector<const Package*> by_use;
  for (const Package& package : packages_) by_use.push_back(&package);
  // What is in use is used now.
  const auto order = [&](const Package* package) {
    return std::pair(kept_.contains(package->artifact), package->row.used_at);
  };
  std::ranges::stable_sort(by_use, std::ranges::greater(), order);
  std::unordered_map<std::string, std::uint64_t> seen;
  std::vector<Sha256Digest> last;
  for (const Package* package : by_use) {
    if (seen[package->row.normalized_name]++ < number) last.push_back(package->artifact);
  }
  kept_.insert(last.begin(), last.end());
}

void Mark::mark_all(const GcOptions& options, const Deadline& deadline, Progress& progress) {
  progress.phase("marking", packages_.size());
  for (const Package& package : packages_) {
    check_interrupt();
    if (deadline.passed()) return;
    if (kept_.contains(package.artifact)) hold_package(package);
    progress.advance(1);
  }
  hold_plans();
  judge_unheld_plans(options);
  complete_ = !deadline.passed();
}

void Mark::evict_by_size(const GcOptions& options, std::uint64_t free_blocks) {
  Sizes sizes{LeavingNames(roots_, options.leaving)};
  sizes.block = std::max<std::uint64_t>(filesystem_of(store_.layout().root()).block_bytes, 1);
  const auto enough = [&] { return options.max_freed && sizes.freed >= *options.max_freed; };
  for (ObjectTable::Position i = 0; i < objects_.size(); ++i) {
    // With further names it stays.
    if (objects_.is_held(i) || has_other_names(i, sizes)) {
      sizes.held += objects_.bytes(i);
    } else {
      sizes.free(objects_.bytes(i));  // garbage of an earlier collection that was stopped
    }
  }
  const auto goes = [&](bool by_size) {
    const bool too_large = options.max_size && sizes.held > *options.max_size;
    const bool too_full = sizes.freed_blocks < free_blocks;
    return !by_size || too_large || too_full;
  };
  // First what can be made again of what is there.
  for (const UnheldPlan& plan : unheld_plans_) {
    leaves_packages_ = enough();
    if (leaves_packages_) break;
    if (!goes(plan.by_size)) continue;
    release_plan(*std::ranges::find(plans_, plan.key, &HeldPlan::key), sizes);
    evicted_plans_.push_back(describe_plan(plan));
  }
  for (const Candidate& candidate : candidates_) {
    if (leaves_packages_ || (leaves_packages_ = enough())) break;
    if (goes(candidate.by_size)) evict(candidate, sizes);
  }
  if (options.max_size && sizes.held > *options.max_size && !enough()) {
    warnings_.push_back(
        fmt::format("what environments, pins and the rest of the policy keep takes {}, more than the {} asked for",
                    format_size(sizes.held), format_size(*options.max_size)));
  }
  frees_too_little_ = sizes.freed_blocks < free_blocks && !enough();
}

// Then it gives nothing back.
bool Mark::has_other_names(ObjectTable::Position position, const Sizes& sizes) const {
  const auto info = stat_path(store_.layout().object(objects_.segment(position), objects_.id(position)));
  return info && info->st_nlink > 1 + sizes.leaving.of(*info);
}

void Mark::release(ObjectTable::Position position, Sizes& sizes) {
  if (!objects_.release(position) || has_other_names(position, sizes)) return;
  sizes.held -= objects_.bytes(position);
  sizes.free(objects_.bytes(position));
}

void Mark::release_plan(HeldPlan& plan, Sizes& sizes) {
  for (const ObjectTable::Position position : plan.objects) release(position, sizes);
  plan.objects.clear();  // it may stand on several packages that go
  held_plans_.erase(plan.key);
}

void Mark::evict(const Candidate& candidate, Sizes& sizes) {
  const Package& package = *candidate.package;
  const auto manifest = read_listed(store_, package);
  if (!manifest) return;
  for_each_object(*manifest, [&](const ObjectId& id, std::uint64_t) {
    if (const auto position = objects_.find(id)) release(*position, sizes);
  });
  const auto [begin, end] = plans_on_.equal_range(package.artifact);
  for (auto it = begin; it != end; ++it) {
    release_plan(plans_[it->second], sizes);
  }
  kept_.erase(package.artifact);
  evicted_.push_back(describe(package, candidate.reason));
}

// What only history has is what would go without it.
void Mark::measure_history() {
  std::vector<ObjectTable::Position> held;
  for (const Package& package : packages_) {
    if (!history_.packages.contains(package.artifact)) continue;
    const auto manifest = read_listed(store_, package);
    if (!manifest) continue;
    for_each_object(*manifest, [&](const ObjectId& id, std::uint64_t) {
      const auto position = objects_.find(id);
      if (!position) return;
      held.push_back(*position);
      if (objects_.release(*position)) history_bytes_ += objects_.bytes(*position);
    });
  }
  for (const ObjectTable::Position position : held) objects_.hold(position);
}

void Mark::hold_package(const Package& package) {
  const auto manifest = read_listed(store_, package);
  if (!manifest) return;
  for_each_object(*manifest, [&](const ObjectId& id, std::uint64_t) {
    if (const auto position = objects_.find(id)) {
      objects_.hold(*position);
    } else if (!find_object(store_, id) && is_listed_still(store_, package)) {
      // Its file, of which the index knows nothing, would go as garbage.
      throw Corruption(
          fmt::format("{} {}: its file {} is not in the index", package.row.name, package.row.version, id.file_name()),
          "`cas index rebuild` finds it, if it lies in the store; else `cas repair` brings it back");
    }
  });
}

// A plan stays as long as all its artifacts do and somebody holds it, and keeps the files that it brought.
void Mark::hold_plans() {
  std::vector<Sha256Digest> keys;
  store_.index().read([&](const ReadTxn& txn, const Schema& schema) {
    schema.plans.for_each_raw(txn, [&](const Sha256Digest& key, std::string_view) { keys.push_back(key); });
  });
  for (std::size_t i = 0; i < keys.size(); i += kPiecePlans) {
    const std::size_t end = std::min(keys.size(), i + kPiecePlans);
    store_.index().read([&](const ReadTxn& txn, const Schema& schema) {
      for (std::size_t k = i; k < end; ++k) {
        if (const auto row = schema.plans.get_raw(txn, keys[k])) see_plan(keys[k], PlanRowCodec::decode_needs(*row));
      }
    });
  }
}

void Mark::see_plan(const Sha256Digest& key, const PlanNeeds& needs) {
  bool stays = true;
  for_each_digest(needs.artifacts, [&](const Sha256Digest& artifact) { stays &= kept_.contains(artifact); });
  if (!stays) return;
  if (!is_unheld(key, needs)) {
    hold_plan(key, needs.artifacts, needs.objects);
  } else if (unheld_keys_.insert(key).second) {
    unheld_plans_.push_back({key, std::string(needs.artifacts), std::string(needs.objects), {}});
  }
}

void Mark::hold_plan(const Sha256Digest& key, std::string_view artifacts, std::string_view files) {
  // One of the same key may have been recorded again since, with other files.
  const Fingerprint brought = fingerprint(files);
  const auto [known, added] = held_plans_.emplace(key, brought);
  if (!added && known->second == brought) return;
  known->second = brought;
  HeldPlan plan{key, {}};
  ByteReader objects(files);
  while (!objects.at_end()) {
    const auto position = objects_.find(objects.object());
    if (!position) continue;
    objects_.hold(*position);
    if (sizes_decide_) plan.objects.push_back(*position);
  }
  if (!sizes_decide_) return;
  for_each_digest(artifacts, [&](const Sha256Digest& artifact) { plans_on_.emplace(artifact, plans_.size()); });
  plans_.push_back(std::move(plan));
}

// Packages that the policy alone keeps take their plans along when they go: until then these are as good as they are.
bool Mark::is_unheld(const Sha256Digest& key, const PlanNeeds& needs) const {
  if (blind_ || held_plans_.contains(key) || plan_holds_.holds(key, needs.artifacts)) return false;
  if (plans_judged_) return unheld_keys_.contains(key);
  bool needed = true;
  for_each_digest(needs.artifacts, [&](const Sha256Digest& artifact) { needed &= needed_.contains(artifact); });
  return needed;
}

// How long no environment has been linked with what only this plan has, or lost such a link: that is when a file's inode changes.
// nullopt: it has nothing of its own.
std::optional<std::chrono::seconds> Mark::idle_time(const UnheldPlan& plan) const {
  const auto now = static_cast<std::int64_t>(now_seconds());
  std::optional<std::int64_t> used_at;
  ByteReader files(plan.files);
  while (!files.at_end()) {
    const auto position = objects_.find(files.object());
    if (!position || objects_.is_held(*position)) continue;
    const auto info = stat_path(store_.layout().object(objects_.segment(*position), objects_.id(*position)));
    if (info) used_at = std::max<std::int64_t>(used_at.value_or(0), info->st_ctim.tv_sec);
  }
  if (!used_at) return std::nullopt;
  return std::chrono::seconds(std::max<std::int64_t>(now - *used_at, 0));
}

// As packages are, in choose_packages().
void Mark::judge_unheld_plans(const GcOptions& options) {
  plans_judged_ = true;
  const bool sizes_retain = options.max_size || options.min_free || options.max_free;
  std::vector<UnheldPlan> may_go;
  for (UnheldPlan& plan : unheld_plans_) {
    plan.reason = "no environment was made with it";
    bool stays = false;
    if (const auto idle = options.max_age ? idle_time(plan) : std::nullopt) {
      stays = *idle < *options.max_age;
      if (!stays) plan.reason += fmt::format(", unused for {}", format_duration(*idle));
    }
    if (sizes_retain && (stays || !options.max_age)) {
      plan.reason += ", and " + size_reason(options);
      plan.by_size = true;
      stays = false;
    }
    // Where sizes decide it is held until then.
    if (stays || sizes_decide_) hold_plan(plan.key, plan.artifacts, plan.files);
    if (stays) continue;
    if (!sizes_decide_) evicted_plans_.push_back(describe_plan(plan));
    may_go.push_back(std::move(plan));
  }
  unheld_plans_ = std::move(may_go);
}

GcPlan Mark::describe_plan(const UnheldPlan& plan) const {
  GcPlan described{plan.key, {}, plan.reason};
  for_each_digest(plan.artifacts, [&](const Sha256Digest& artifact) {
    const auto package = std::ranges::find(packages_, artifact, &Package::artifact);
    if (package != packages_.end()) described.packages.push_back(package->row.name + " " + package->row.version);
  });
  return described;
}

void Mark::refresh() {
  std::unordered_set<Sha256Digest> named;
  read_new_anchors(named);
  read_new_pins(named);
  // After the anchors: a capture gives its anchor up only when its tree stands.
  for (const StoredInterpreter& interpreter : list_interpreters(store_)) {
    if (!interpreters_.insert(interpreter.artifact).second) continue;
    named.insert(interpreter.artifact);
    plan_holds_.add_package(interpreter.artifact);
  }
  take_newcomers(named);
}

void Mark::warn_once(std::string warning) {
  if (std::ranges::find(warnings_, warning) == warnings_.end()) warnings_.push_back(std::move(warning));
}

void Mark::read_new_pins(std::unordered_set<Sha256Digest>& named) {
  const std::string directory = store_.layout().pins();
  const Fd dir = open_own_directory_if_any(directory);
  if (!dir) return;
  list_directory(dir.get(), directory, [&](const std::string& id, unsigned char) {
    if (!is_anchor_id(id) || seen_pins_.contains(id)) return;
    try {
      const auto pin = read_pin(store_, id);
      if (!pin) return;
      seen_pins_.insert(id);
      for (const PinnedPackage& package : pin->packages) {
        named.insert(package.artifact);
        plan_holds_.add_package(package.artifact);
      }
    } catch (const Error& error) {
      // As list_pins() has reported those that were there at the mark.
      warn_once(directory + "/" + id + ": " + error.message());
    }
  });
}

void Mark::read_new_anchors(std::unordered_set<Sha256Digest>& named) {
  const std::string directory = store_.layout().roots();
  const Fd dir = open_directory(directory);
  list_directory(dir.get(), directory, [&](const std::string& id, unsigned char) {
    if (!is_anchor_id(id) || seen_ids_.contains(id)) return;
    try {
      const auto text = try_read_file_at(dir.get(), id, kMostAnchorBytes);
      if (!text) return;
      seen_ids_.insert(id);
      const Anchor anchor = decode_anchor(*text);
      const auto name = [&](const Anchor& one) {
        for (const AnchoredPackage& package : one.packages) named.insert(package.artifact);
        plan_holds_.add(one, AnchorState::running);
      };
      name(anchor);
      // Of the one whose place it takes the mark may have seen nothing but that it was dead, and of those in between nothing at all.
      for (const Root& root : roots_) {
        if (root.anchor.id == anchor.replaces) name(root.anchor);
      }
      for (const Revision& revision : list_revisions(store_, anchor, warnings_)) name(revision.anchor);
    } catch (const Error& error) {
      // Stays, as in list_roots(), which has reported those that were there at the mark.
      warn_once(directory + "/" + id + ": " + error.message());
    }
  });
}

// Packages that came after the mark, and those that a new anchor, pin or interpreter names.
void Mark::take_newcomers(const std::unordered_set<Sha256Digest>& named) {
  std::vector<Package> newcomers;
  std::uint64_t latest = sequence_;
  store_.index().read([&](const ReadTxn& txn, const Schema& schema) {
    if (const auto text = schema.meta.get(txn, "sequence")) latest = ByteReader(*text).u64();
    if (latest > sequence_) {
      schema.packages.for_each(txn, [&](const Sha256Digest& artifact, PackageRow row) {
        if (row.sequence > sequence_) newcomers.push_back({artifact, std::move(row)});
      });
    }
    for (const Sha256Digest& artifact : named) {
      if (kept_.contains(artifact)) continue;
      // Not in the index: its maker has yet to add it, and then it is a newcomer.
      if (auto row = schema.packages.get(txn, artifact)) newcomers.push_back({artifact, std::move(*row)});
    }
  });
  const bool more = latest > sequence_ || !newcomers.empty() || !named.empty();
  sequence_ = std::max(sequence_, latest);
  for (const Package& package : newcomers) {
    kept_.insert(package.artifact);
    hold_package(package);
  }
  // Plans count in the sequence, too: they bring files of their own.
  if (more) hold_plans();
}

}  // namespace cas
