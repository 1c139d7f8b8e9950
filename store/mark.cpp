#include "store/mark.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/base/clock.hpp"
#include "store/base/codec.hpp"
#include "store/base/text.hpp"
#include "store/interpreters.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

GcPackage describe(const Package& package, std::string reason) {
  return {package.artifact, package.row.name, package.row.version, package.row.file_name, std::move(reason)};
}

}  // namespace

Mark::Mark(const Store& store, const GcOptions& options, Progress& progress) : store_(store) {
  roots_ = list_roots(store, &warnings_);
  for (Root& root : roots_) {
    if (std::ranges::find(options.leaving, root.anchor.id) != options.leaving.end()) root.state = AnchorState::dead;
  }
  for (const StoredInterpreter& interpreter : list_interpreters(store, &warnings_)) {
    interpreters_.insert(interpreter.artifact);
  }
  if (!warnings_.empty()) {
    blind_ = true;
    warnings_.emplace_back(
        "an anchor or interpreter cannot be read: nobody knows what it needs, so every package is kept until it is "
        "removed. An interpreter: `cas python add` with the Python that it was captured from makes its record anew, "
        "`cas python "
        "remove` with its directory's name takes it away");
  }
  for (const Root& root : roots_) seen_ids_.insert(root.anchor.id);
  packages_ = list_packages(store.index());
  for (const Package& package : packages_) sequence_ = std::max(sequence_, package.row.sequence);
  choose_packages(options);
  progress.phase("marking", packages_.size());
  for (const Package& package : packages_) {
    check_interrupt();
    if (kept_.contains(package.artifact) && !history_.packages.contains(package.artifact))
      keep_package(package.artifact, package.row);
    progress.advance(1);
  }
  keep_plans();
  finish();
  for (const Package& package : packages_) {
    if (history_.packages.contains(package.artifact)) add_history(package);
  }
}

std::uint64_t Mark::live_environments() const {
  return static_cast<std::uint64_t>(
      std::count_if(roots_.begin(), roots_.end(), [](const Root& root) { return root.state != AnchorState::dead; }));
}

bool Mark::is_live(const ObjectId& id) const {
  return std::binary_search(live_.begin(), live_.end(), id) || late_.contains(id);
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
  if (!options.drop_history) {
    HeldHistory held = held_history(store_, roots_, warnings_);
    history_.revisions = held.revisions;
    for (const Sha256Digest& artifact : held.packages) {
      if (kept_.insert(artifact).second) history_.packages.insert(artifact);
    }
  }
  const std::uint64_t now = now_seconds();
  std::vector<const Package*> evictable;
  for (Package& package : packages_) {
    if (kept_.contains(package.artifact)) continue;
    package.row.used_at = std::max(package.row.used_at, last_use[package.artifact]);
    const std::uint64_t idle = now > package.row.used_at ? now - package.row.used_at : 0;
    if (blind_) {
      kept_.insert(package.artifact);
    } else if (options.max_age && idle >= static_cast<std::uint64_t>(options.max_age->count())) {
      evicted_.push_back(describe(
          package, fmt::format("no environment uses it, unused for {}", format_duration(std::chrono::seconds(idle)))));
    } else if (!options.max_age && !options.max_size) {
      evicted_.push_back(describe(package, "no environment uses it"));
    } else {
      kept_.insert(package.artifact);
      evictable.push_back(&package);
    }
  }
  if (options.max_size) evict_down_to(*options.max_size, std::move(evictable));
}

void Mark::evict_down_to(std::uint64_t most_bytes, std::vector<const Package*> evictable) {
  // How many kept packages hold each object: evicting a package frees what nobody else holds.
  std::unordered_map<ObjectId, std::uint32_t> holders;
  std::uint64_t total = 0;
  for (const Package& package : packages_) {
    if (!kept_.contains(package.artifact)) continue;
    for_each_object(read_manifest(store_.layout(), package.row.manifest), [&](const ObjectId& id, std::uint64_t size) {
      if (holders[id]++ == 0) total += size;
    });
  }
  std::sort(evictable.begin(), evictable.end(),
            [](const Package* a, const Package* b) { return a->row.used_at < b->row.used_at; });
  for (const Package* package : evictable) {
    if (total <= most_bytes) return;
    for_each_object(read_manifest(store_.layout(), package->row.manifest), [&](const ObjectId& id, std::uint64_t size) {
      if (--holders[id] == 0) total -= size;
    });
    kept_.erase(package->artifact);
    evicted_.push_back(describe(
        *package, fmt::format("no environment uses it, and the store is larger than {}", format_size(most_bytes))));
  }
  if (total > most_bytes) {
    warnings_.push_back(
        fmt::format("environments need {}, more than the {} asked for", format_size(total), format_size(most_bytes)));
  }
}

void Mark::keep_package(const Sha256Digest& artifact, const PackageRow& row) {
  kept_.insert(artifact);
  for_each_object(read_manifest(store_.layout(), row.manifest), [&](const ObjectId& id, std::uint64_t) {
    if (finished_) {
      late_.insert(id);
    } else {
      live_.push_back(id);
    }
  });
}

void Mark::add_history(const Package& package) {
  for_each_object(read_manifest(store_.layout(), package.row.manifest), [&](const ObjectId& id, std::uint64_t size) {
    if (is_live(id)) return;
    late_.insert(id);
    history_bytes_ += size;
  });
}

void Mark::keep_plans() {
  // A plan stays as long as all its artifacts do, and keeps the files that it brought.
  store_.index().read([&](const ReadTxn& txn, const Schema& schema) {
    schema.plans.for_each(txn, [&](const Sha256Digest&, const PlanRow& row) {
      ByteReader artifacts(row.artifacts);
      while (!artifacts.at_end()) {
        if (!kept_.contains(artifacts.digest())) return;
      }
      ByteReader objects(row.objects);
      while (!objects.at_end()) {
        const ObjectId id = objects.object();
        if (finished_) {
          late_.insert(id);
        } else {
          live_.push_back(id);
        }
      }
    });
  });
}

void Mark::finish() {
  std::sort(live_.begin(), live_.end());
  live_.erase(std::unique(live_.begin(), live_.end()), live_.end());
  finished_ = true;
}

void Mark::refresh() {
  bool changed = false;
  const std::string directory = store_.layout().roots();
  const Fd dir = open_directory(directory);
  std::unordered_set<Sha256Digest> named;
  list_directory(dir.get(), directory, [&](const std::string& id, unsigned char) {
    if (id.size() != 32 || seen_ids_.contains(id)) return;
    const auto text = try_read_file_at(dir.get(), id, kMostAnchorBytes);
    if (!text) return;
    seen_ids_.insert(id);
    changed = true;
    try {
      const Anchor anchor = decode_anchor(*text);
      for (const AnchoredPackage& package : anchor.packages) named.insert(package.artifact);
      // Of the one whose place it takes the mark may have seen nothing but that it was dead.
      for (const Root& root : roots_) {
        if (root.anchor.id != anchor.replaces) continue;
        for (const AnchoredPackage& package : root.anchor.packages) named.insert(package.artifact);
      }
    } catch (const Error& error) {
      // Stays, as in list_roots(), which has reported those that were there at the mark.
      std::string warning = directory + "/" + id + ": " + error.message();
      if (std::find(warnings_.begin(), warnings_.end(), warning) == warnings_.end())
        warnings_.push_back(std::move(warning));
    }
  });
  // After the anchors: a capture gives its anchor up only when its tree stands.
  for (const StoredInterpreter& interpreter : list_interpreters(store_)) {
    if (interpreters_.insert(interpreter.artifact).second) named.insert(interpreter.artifact);
  }
  // Packages that came after the mark, and those that a new anchor or interpreter names.
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
  // Plans count, too: they bring files of their own.
  changed = changed || latest > sequence_;
  sequence_ = latest;
  for (const Package& package : newcomers) keep_package(package.artifact, package.row);
  if (changed || !newcomers.empty()) keep_plans();
}

}  // namespace cas
