#include "store/history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "store/base/clock.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/relpath.hpp"
#include "store/packages/packages.hpp"
#include "store/sys/file.hpp"
#include "store/sys/group_access.hpp"
#include "store/sys/own_directory.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

constexpr std::chrono::seconds kClockSkew{60};  // what is called the future is more than that

struct RevisionFile {
  std::uint64_t number = 0;
  std::int64_t replaced_at = 0;
};

std::optional<std::uint64_t> number_of(const std::string& name) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool whole = error == std::errc() && end == name.data() + name.size();
  return whole && number > 0 && name.front() != '0' ? std::optional(number) : std::nullopt;
}

std::string directory_of(const Store& store, const std::string& history) {
  return store.layout().history() + "/" + history;
}

// By number. What is called otherwise is not ours.
std::vector<RevisionFile> files_of(const Store& store, const std::string& history) {
  std::vector<RevisionFile> files;
  if (!is_anchor_id(history)) return files;
  const std::string path = directory_of(store, history);
  const Fd directory = open_own_directory_if_any(path);
  if (!directory) return files;
  list_directory(directory.get(), path, [&](const std::string& name, unsigned char) {
    const auto number = number_of(name);
    const auto info = number ? stat_at(directory.get(), name) : std::nullopt;
    if (info && S_ISREG(info->st_mode)) files.push_back({*number, info->st_mtim.tv_sec});
  });
  std::ranges::sort(files, {}, &RevisionFile::number);
  return files;
}

std::string file_of(const Store& store, const std::string& history, std::uint64_t number) {
  return directory_of(store, history) + "/" + std::to_string(number);
}

bool is_expired(const RevisionFile& file, std::uint64_t current, std::int64_t now) {
  return file.number >= current || current - file.number > kMostRevisions ||
         now - file.replaced_at > std::chrono::duration_cast<std::chrono::seconds>(kRevisionAge).count();
}

std::optional<Anchor> read_revision(const Store& store, const std::string& history, std::uint64_t number,
                                    std::vector<std::string>& warnings) {
  const std::string path = file_of(store, history, number);
  try {
    const auto text = try_read_file_at(kCurrentDirectory, path, kMostAnchorBytes);
    return text ? std::optional(decode_anchor(*text)) : std::nullopt;
  } catch (const Error& error) {
    warnings.push_back(fmt::format("{}: {}: it cannot be rolled back to", path, error.message()));
    return std::nullopt;
  }
}

// The anchors that are alive, by history. Of one and the same history there is one, but while it is being changed.
std::vector<const Anchor*> living(const std::vector<Root>& roots) {
  std::vector<const Anchor*> anchors;
  for (const Root& root : roots) {
    if (root.state != AnchorState::dead) anchors.push_back(&root.anchor);
  }
  return anchors;
}

std::uint64_t current_number(const std::vector<const Anchor*>& anchors, const std::string& history) {
  std::uint64_t number = 0;
  for (const Anchor* anchor : anchors) {
    if (anchor->history == history) number = std::max(number, anchor->revision);
  }
  return number;
}

std::vector<std::string> histories(const Store& store) {
  std::vector<std::string> names;
  const std::string path = store.layout().history();
  const Fd directory = open_own_directory_if_any(path);
  if (!directory) return names;
  list_directory(directory.get(), path, [&](const std::string& name, unsigned char) {
    if (is_anchor_id(name)) names.push_back(name);
  });
  return names;
}

}  // namespace

std::vector<Revision> list_revisions(const Store& store, const Anchor& current, std::vector<std::string>& warnings) {
  std::vector<Revision> revisions;
  const std::uint64_t number = std::max<std::uint64_t>(current.revision, 1);
  const auto now = static_cast<std::int64_t>(now_seconds());
  for (const RevisionFile& file : files_of(store, current.history)) {
    if (is_expired(file, number, now)) continue;
    if (auto anchor = read_revision(store, current.history, file.number, warnings))
      revisions.push_back({file.number, std::move(*anchor), file.replaced_at});
  }
  revisions.push_back({number, current, 0});
  return revisions;
}

void continue_history(const std::optional<Anchor>& before, Anchor& anchor) {
  const bool known = before && is_anchor_id(before->history);
  anchor.history = known ? before->history : random_name();
  anchor.revision = before ? std::max<std::uint64_t>(before->revision, 1) + 1 : 1;
  anchor.replaces = before ? before->id : std::string();
}

bool same_environment(Anchor a, Anchor b) {
  for (Anchor* anchor : {&a, &b}) {
    anchor->id.clear();
    anchor->created_at = 0;
    anchor->linked = true;
    anchor->host.clear();
    anchor->history.clear();
    anchor->revision = 0;
    anchor->replaces.clear();
    anchor->command.clear();
  }
  return encode_anchor(a) == encode_anchor(b);
}

void keep_revision(const Store& store, const Root& replaced, const Anchor& successor) {
  note_last_use(store, {&replaced, 1});
  const std::string& history = successor.history;
  if (!is_anchor_id(history) || successor.revision < 2) {
    remove_file_at(kCurrentDirectory, store.layout().roots() + "/" + replaced.anchor.id);
    return;
  }
  try_make_store_directory(store.layout().history());
  try_make_store_directory(directory_of(store, history));
  const std::string root = store.layout().roots() + "/" + replaced.anchor.id;
  try {
    // From now on its time says since when it is history.
    touch_path_now(root);
    rename_at(kCurrentDirectory, root, kCurrentDirectory, file_of(store, history, successor.revision - 1));
  } catch (const SystemError& error) {
    // Kept by a collector meanwhile, it is where it belongs.
    if (!error.is(ENOENT)) throw;
  }
  failpoint("revision-kept");
  const auto now = static_cast<std::int64_t>(now_seconds());
  for (const RevisionFile& file : files_of(store, history)) {
    // Younger ones are not judged here: somebody may be making them.
    if (file.number < successor.revision && is_expired(file, successor.revision, now))
      remove_file_quietly_at(kCurrentDirectory, file_of(store, history, file.number));
  }
}

void settle_history(const Store& store, const Anchor& current) {
  if (!is_anchor_id(current.replaces)) return;
  const auto text =
      try_read_file_at(kCurrentDirectory, store.layout().roots() + "/" + current.replaces, kMostAnchorBytes);
  if (!text) return;
  const Root left = look_at_root(store, decode_anchor(*text));
  if (left.state == AnchorState::dead) keep_revision(store, left, current);
}

std::size_t drop_revisions(const Store& store, const Anchor& current, bool dry_run) {
  const auto files = files_of(store, current.history);
  if (dry_run) return files.size();
  for (const RevisionFile& file : files)
    remove_file_quietly_at(kCurrentDirectory, file_of(store, current.history, file.number));
  return files.size();
}

void for_each_held_revision(const Store& store, const std::vector<Root>& roots, std::vector<std::string>& warnings,
                            const std::function<void(const Anchor& anchor, std::uint64_t number)>& f) {
  const auto anchors = living(roots);
  const auto now = static_cast<std::int64_t>(now_seconds());
  // Replaced, and not renamed yet.
  for (const Root& root : roots) {
    const bool replaced = root.state == AnchorState::dead && std::ranges::any_of(anchors, [&](const Anchor* anchor) {
                            return anchor->replaces == root.anchor.id;
                          });
    if (replaced) f(root.anchor, root.anchor.revision);
  }
  // After the roots: what is renamed meanwhile is seen here or there.
  for (const std::string& history : histories(store)) {
    const std::uint64_t current = current_number(anchors, history);
    for (const RevisionFile& file : files_of(store, history)) {
      if (is_expired(file, current, now)) continue;
      if (const auto anchor = read_revision(store, history, file.number, warnings)) f(*anchor, file.number);
    }
  }
}

HeldHistory held_history(const Store& store, const std::vector<Root>& roots, std::vector<std::string>& warnings) {
  HeldHistory held;
  for_each_held_revision(store, roots, warnings, [&](const Anchor& anchor, std::uint64_t) {
    ++held.revisions;
    for (const AnchoredPackage& package : anchor.packages) held.packages.insert(package.artifact);
    held.anchors.push_back(anchor);
  });
  return held;
}

namespace {

void correct_last_uses(const Store& store, std::uint64_t latest) {
  std::vector<Sha256Digest> early;
  for (const Package& package : list_packages(store.index())) {
    if (package.row.used_at > latest) early.push_back(package.artifact);
  }
  if (early.empty()) return;
  store.index().write(
      [&](WriteTxn& txn, const Schema& schema) {
        for (const Sha256Digest& artifact : early) {
          auto row = schema.packages.get(txn, artifact);
          if (!row || row->used_at <= latest) continue;
          row->used_at = now_seconds();
          schema.packages.put(txn, artifact, *row);
        }
      },
      Growth::none);
}

}  // namespace

void correct_future_times(const Store& store) {
  const auto latest = static_cast<std::int64_t>(now_seconds()) + kClockSkew.count();
  const std::string roots = store.layout().roots();
  const Fd directory = open_directory(roots);
  list_directory(directory.get(), roots, [&](const std::string& id, unsigned char) {
    const auto info = is_anchor_id(id) ? stat_at(directory.get(), id) : std::nullopt;
    if (info && S_ISREG(info->st_mode) && info->st_mtim.tv_sec > latest) touch_path_now(roots + "/" + id);
  });
  for (const std::string& history : histories(store)) {
    for (const RevisionFile& file : files_of(store, history)) {
      if (file.replaced_at > latest) touch_path_now(file_of(store, history, file.number));
    }
  }
  correct_last_uses(store, static_cast<std::uint64_t>(latest));
}

void remove_expired_history(const Store& store, bool all) {
  // Before the roots: what has a history now had an anchor before. The other way round it would be that of an environment made since.
  const std::vector<std::string> names = histories(store);
  if (names.empty()) return;
  const std::vector<Root> roots = list_roots(store);
  const auto anchors = living(roots);
  const auto now = static_cast<std::int64_t>(now_seconds());
  for (const std::string& history : names) {
    const std::uint64_t current = current_number(anchors, history);
    for (const RevisionFile& file : files_of(store, history)) {
      // Of an environment that lives, a number as high as the current one is that of a change since the roots were listed.
      const bool newer = current > 0 && file.number >= current;
      if (all || (!newer && is_expired(file, current, now)))
        remove_file_quietly_at(kCurrentDirectory, file_of(store, history, file.number));
    }
    if (current == 0) remove_directory_at(kCurrentDirectory, directory_of(store, history));
  }
}

}  // namespace cas
