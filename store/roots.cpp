#include "store/roots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <unordered_map>
#include <unordered_set>

#include "store/base/clock.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"
#include "store/sys/host.hpp"
#include "store/sys/link.hpp"
#include "store/sys/publish.hpp"
#include "store/sys/tree.hpp"
#include "store/sys/users.hpp"
#include "store/sys/write_out.hpp"

namespace cas {
namespace {

constexpr std::size_t kMaxRunningBytes = 8192;

// Made on another machine, which alone can see that the environment is gone. An identity that does not outlive the machine's start
// is nobody's for long: containers come and go.
bool is_of_another_machine(const Anchor& anchor) {
  return anchor.host.starts_with("machine:") && anchor.host != host_identity();
}

// Whether somebody holds running/<id>. A missing file is nobody.
bool is_running(const StoreLayout& layout, const std::string& id) {
  const Fd file = try_open_read_at(kCurrentDirectory, layout.running() + "/" + id);
  return file && !try_lock_fd(file.get(), LockMode::shared);
}

std::vector<std::string> ids_in(const std::string& directory) {
  std::vector<std::string> ids;
  const Fd open = try_open_directory_at(kCurrentDirectory, directory);
  if (!open) return ids;  // of a store for reading, made without what holds nothing
  list_directory(open.get(), directory, [&](const std::string& name, unsigned char) {
    if (is_anchor_id(name)) ids.push_back(name);
  });
  std::sort(ids.begin(), ids.end());
  return ids;
}

enum class Seen { yes, no, closed };  // closed: behind a directory that this user may not enter

// Whether what lies at `path` is the environment of this anchor.
Seen see_environment(const std::string& path, const Anchor& anchor, const struct stat& root_file) {
  const std::string file = path + "/" + kAnchorPath;
  try {
    const auto info = stat_path(file);
    if (!info || !S_ISREG(info->st_mode)) return Seen::no;
    if (info->st_dev == root_file.st_dev && info->st_ino == root_file.st_ino) return Seen::yes;
    if (anchor.linked && root_file.st_nlink > 1) return Seen::no;  // a copy: the environment is elsewhere
    const auto found = read_environment_anchor(path);
    return found && found->id == anchor.id ? Seen::yes : Seen::no;
  } catch (const SystemError& error) {
    return error.is(EACCES) ? Seen::closed : Seen::no;
  } catch (const Error&) {
    return Seen::no;  // a damaged file
  }
}

bool environment_is(const std::string& path, const Anchor& anchor, const struct stat& root_file) {
  return see_environment(path, anchor, root_file) == Seen::yes;
}

bool is_same_directory(const std::string& a, const std::string& b) {
  // Through links, as an environment may be named.
  const auto first = stat_path(a + "/.");
  const auto second = stat_path(b + "/.");
  return first && second && first->st_dev == second->st_dev && first->st_ino == second->st_ino;
}

// Whether the anchor in the environment at `path` has no second name any more: its store, whichever it was, has given it up.
bool is_given_up(const std::string& path, const Anchor& anchor) {
  const auto info = stat_path(path + "/" + kAnchorPath);
  return anchor.linked && info && info->st_nlink == 1;
}

// What was made at `path` may be out of sight.
[[noreturn]] void refuse_absent(const Store& store, const std::string& path) {
  const std::string target = absolute_path(path);
  for (const Root& root : list_roots(store)) {
    if (root.anchor.target != target || root.state != AnchorState::unseen) continue;
    throw NotFound(path + " is not there: it was made here, and its disk may not be mounted",
                   "mount it; if the environment is gone for good, `cas gc --forget` lets go of its packages");
  }
  throw NotFound(path + " is no environment made by cas", "`cas list` shows those of this store");
}

// Removes the scratch that a dead maker named, if its name carries the maker's id, and, in a store that a group shares, it is this user's as the mark is: nothing else is
// ever touched. false: it is there, for all that can be seen, and somebody else's; he removes it.
bool remove_scratch(const StoreOwnership& ownership, const std::string& scratch, const std::string& id, uid_t maker) {
  const std::size_t slash = scratch.rfind('/');
  if (scratch.empty() || scratch.front() != '/' || slash == std::string::npos) return true;
  if (scratch.find(id, slash) == std::string::npos) return true;
  try {
    const auto info = stat_path(scratch);
    if (!info) return true;
    if (ownership.group() && (maker != effective_user() || info->st_uid != maker)) return false;
    remove_tree_at(kCurrentDirectory, scratch);
    return true;
  } catch (const SystemError& error) {
    if (error.is(EACCES) && ownership.group()) return false;
    throw;
  }
}

// Whether `path` is another name of the anchor.
bool is_anchor_file(const std::string& path, const struct stat& root_file) {
  const auto info = stat_path(path);
  return info && info->st_dev == root_file.st_dev && info->st_ino == root_file.st_ino;
}

HalfDone half_done(const Anchor& anchor, const struct stat& root_file) {
  try {
    if (is_anchor_file(removal_scratch(anchor.target, anchor.id) + "/" + kAnchorPath, root_file))
      return HalfDone::removal;
    const std::string staged =
        fmt::format("{}/{}/{}/{}", anchor.target, kAnchorDirectory, change_staging(anchor.id), kStagedAnchor);
    if (is_anchor_file(staged, root_file)) return HalfDone::change;
  } catch (const Error&) {  // a directory we may not enter: cannot be seen
  }
  return HalfDone::no;
}

}  // namespace

bool is_anchor_id(const std::string& text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string removal_scratch(const std::string& target, const std::string& id) {
  return fmt::format("{}/.cas-removed-{}", parent_of(target), id);
}

std::string change_staging(const std::string& id) { return "new-" + id; }

RunningMark::RunningMark(const Store& store, std::string id, const std::string& scratch)
    : store_(store), id_(std::move(id)) {
  const std::string path = store.layout().running() + "/" + id_;
  // Between creating and locking, a cleaner may take the file for a dead maker's: then it is made again.
  for (int attempt = 0; attempt < 100; ++attempt) {
    file_ = open_or_create(path, 0644);
    if (!try_lock_fd(file_.get(), LockMode::exclusive)) continue;
    const auto there = stat_path(path);
    if (!there || there->st_ino != stat_fd(file_.get(), path).st_ino) continue;
    if (there->st_size > 0) {
      // A dead maker's: what it names would stand behind ours.
      remove_file_quietly_at(kCurrentDirectory, path);
      continue;
    }
    write_all(file_.get(), scratch, path);
    // What it names is about to be made: after a crash of the machine nobody else could say where that lies.
    write_out(file_.get(), path);
    return;
  }
  throw Error("locking " + path + ": somebody else holds it", "wait for the command that is changing this environment");
}

RunningMark::~RunningMark() {
  if (!left_) remove_file_quietly_at(kCurrentDirectory, (store_.layout().running() + "/" + id_));
}

PendingRoot::PendingRoot(const Store& store, Anchor anchor, const std::string& scratch)
    : store_(store), anchor_(std::move(anchor)), running_(store, anchor_.id, scratch) {}

PendingRoot::~PendingRoot() {
  if (!finished_) remove_file_quietly_at(kCurrentDirectory, (store_.layout().roots() + "/" + anchor_.id));
}

void PendingRoot::publish() {
  const FileLock lock = store_.lock_gc(LockMode::shared);
  // Only in order: after a crash of the machine the environment's own links keep its objects, and a synchronised
  // anchor would force the journal that carries everybody's links. But an environment without a word in its anchor would be nobody's.
  publish_file_in_order(store_.layout().roots(), anchor_.id, encode_anchor(anchor_), 0444);
  failpoint("anchor-published");
}

void PendingRoot::attach(int directory, const std::string& name) {
  const std::string path = store_.layout().roots() + "/" + anchor_.id;
  const LinkOutcome outcome = hard_link(kCurrentDirectory, path.c_str(), directory, name.c_str());
  if (outcome == LinkOutcome::linked) return;
  if (outcome == LinkOutcome::missing) throw Corruption("the anchor " + path + " vanished");
  anchor_.linked = false;
  anchor_.host = host_identity();
  publish();
  const std::string text = encode_anchor(anchor_);
  const Fd file = create_file_at(directory, name, 0444);
  write_all(file.get(), text, name);
  write_out(file.get(), name);
}

Root look_at_root(const Store& store, const Anchor& anchor) {
  Root root;
  root.anchor = anchor;
  const std::string path = store.layout().roots() + "/" + anchor.id;
  // First the lock, then the links: a maker links before he releases, so whoever finds the lock free sees his links.
  const bool running = is_running(store.layout(), anchor.id);
  const auto info = stat_path(path);
  if (!info) {
    root.state = AnchorState::dead;
    return root;
  }
  const auto now = static_cast<std::int64_t>(now_seconds());
  root.used_at = std::min<std::int64_t>(info->st_mtim.tv_sec, now);
  const Seen seen = see_environment(anchor.target, anchor, *info);
  root.at_target = seen == Seen::yes;
  if (!root.at_target) root.half_done = half_done(anchor, *info);
  if (running) {
    root.state = AnchorState::running;
  } else if (anchor.linked) {
    root.state = info->st_nlink > 1 || root.at_target ? AnchorState::live : AnchorState::dead;
  } else if (root.at_target) {
    root.state = AnchorState::live;
    // Used by those who open no store: they touch the environment's own copy.
    const auto copy = stat_path(anchor.target + "/" + kAnchorPath);
    if (copy) root.used_at = std::max(root.used_at, std::min<std::int64_t>(copy->st_mtim.tv_sec, now));
  } else {
    const auto grace = std::chrono::duration_cast<std::chrono::seconds>(kUnseenGrace).count();
    const bool young = now - root.used_at < grace;
    // What lies in somebody's own directories only he can see.
    root.state =
        young || seen == Seen::closed || is_of_another_machine(anchor) ? AnchorState::unseen : AnchorState::dead;
  }
  return root;
}

std::vector<Root> list_roots(const Store& store, std::vector<std::string>* unreadable) {
  std::vector<Root> roots;
  const std::string directory = store.layout().roots();
  const Fd dir = open_directory(directory);
  std::unordered_set<std::string> seen;
  // A successor's anchor comes before its predecessor goes. So where one went the successor may have come since the names were listed.
  for (bool any_went = true; any_went;) {
    any_went = false;
    for (const std::string& id : ids_in(directory)) {
      if (!seen.insert(id).second) continue;
      try {
        const auto text = try_read_file_at(dir.get(), id, kMostAnchorBytes);
        any_went |= !text;
        if (!text) continue;  // retired meanwhile
        Anchor anchor = decode_anchor(*text);
        if (anchor.id != id) throw Corruption("it names itself " + anchor.id);
        roots.push_back(look_at_root(store, anchor));
        any_went |= roots.back().state == AnchorState::dead;
      } catch (const Error& error) {
        if (unreadable != nullptr) unreadable->push_back(directory + "/" + id + ": " + error.message());
      }
    }
  }
  return roots;
}

std::vector<Root> list_environments(const Store& store, std::vector<std::string>* unreadable) {
  std::vector<Root> roots = list_roots(store, unreadable);
  std::erase_if(roots,
                [&](const Root& root) { return root.anchor.target.starts_with(store.layout().staging() + "/"); });
  return roots;
}

std::optional<Anchor> read_environment_anchor(const std::string& path) {
  const auto text = try_read_file_at(kCurrentDirectory, path + "/" + kAnchorPath, kMostAnchorBytes);
  if (!text) return std::nullopt;
  return with_context(path + "/" + kAnchorPath, [&] { return decode_anchor(*text); });
}

Root find_root(const Store& store, const std::string& path) {
  const auto anchor = read_environment_anchor(path);
  if (!anchor) refuse_absent(store, path);
  const std::string file = store.layout().roots() + "/" + anchor->id;
  const auto text =
      is_anchor_id(anchor->id) ? try_read_file_at(kCurrentDirectory, file, kMostAnchorBytes) : std::nullopt;
  if (!text && is_given_up(path, *anchor)) {
    throw NotFound(fmt::format("{} is not known to the store {} any more: it is a copy, or its record was removed",
                               path, store.layout().root()),
                   "remove it like any directory, or name the store that made it with --store or CAS_STORE");
  }
  if (!text) {
    throw NotFound(
        fmt::format("{} is not known to the store {}: it is another store's, or was forgotten", path,
                    store.layout().root()),
        "name its store with --store or CAS_STORE; what was forgotten works on, and goes like any directory");
  }
  Root root = look_at_root(store, decode_anchor(*text));
  const auto info = stat_path(file);
  // A copy has the same id, and one made of links even the same inode: the original is where it was made, as long as it is there.
  const bool copy = root.at_target && !is_same_directory(path, root.anchor.target);
  if (info && !copy && environment_is(path, root.anchor, *info)) {
    root.at_target = absolute_path(path) == root.anchor.target;
    return root;
  }
  throw NotFound(path + " is a copy of an environment made by cas, not one of its own",
                 "remove it like any directory: the store does not know it");
}

std::vector<Root> find_forgettable(const Store& store, const std::string& path_or_id) {
  const std::string path = absolute_path(path_or_id);
  std::vector<Root> found;
  bool there = false;
  std::string elsewhere;
  for (Root& root : list_roots(store)) {
    const bool by_id = root.anchor.id == path_or_id;
    if (!by_id && root.anchor.target != path) continue;
    if (root.at_target || root.state == AnchorState::running) {
      there = true;
    } else if (root.state == AnchorState::live && !by_id) {
      elsewhere = root.anchor.id;
    } else {
      found.push_back(std::move(root));
    }
  }
  if (!found.empty()) return found;
  if (there) {
    throw Error(path + " is there, or is being changed: it cannot be forgotten", "`cas remove` removes environments");
  }
  if (!elsewhere.empty()) {
    throw Error("the environment that was made at " + path + " is alive elsewhere: its anchor has a link there",
                "remove it where it is; if nobody can, name it by its id: " + elsewhere);
  }
  throw NotFound(path + " is no environment of this store", "`cas list` shows them");
}

void note_last_use(const Store& store, std::span<const Root> roots) {
  std::unordered_map<Sha256Digest, std::uint64_t> used;
  for (const Root& root : roots) {
    for (const AnchoredPackage& package : root.anchor.packages) {
      auto& last = used[package.artifact];
      last = std::max(last, static_cast<std::uint64_t>(std::max<std::int64_t>(root.used_at, 0)));
    }
  }
  store.index().write(
      [&](WriteTxn& txn, const Schema& schema) {
        for (const auto& [artifact, last] : used) {
          auto row = schema.packages.get(txn, artifact);
          if (!row || row->used_at >= last) continue;
          row->used_at = last;
          schema.packages.put(txn, artifact, *row);
        }
      },
      Growth::none);
  failpoint("root-noted");
}

void retire_roots(const Store& store, std::span<const Root> roots) {
  note_last_use(store, roots);
  for (const Root& root : roots) remove_file_at(kCurrentDirectory, store.layout().roots() + "/" + root.anchor.id);
}

std::vector<std::string> clean_dead_makers(const Store& store, bool dry_run) {
  const std::string directory = store.layout().running();
  std::vector<std::string> cleaned;
  for (const std::string& id : ids_in(directory)) {
    const std::string path = directory + "/" + id;
    const auto info = stat_path(path);
    if (!info || !S_ISREG(info->st_mode) || info->st_size > static_cast<off_t>(kMaxRunningBytes)) continue;  // not ours
    const Fd file = try_open_read_at(kCurrentDirectory, path);
    if (!file || !try_lock_fd(file.get(), LockMode::exclusive)) continue;
    const uid_t maker = stat_fd(file.get(), path).st_uid;
    // The name may mean another file by now: its maker retried between our open and our lock.
    const auto there = stat_path(path);
    if (!there || there->st_ino != stat_fd(file.get(), path).st_ino) continue;
    if (!dry_run && !remove_scratch(store.ownership(), read_fd(file.get(), kMaxRunningBytes, path), id, maker))
      continue;
    cleaned.push_back(id);
    if (dry_run) continue;
    remove_file_at(kCurrentDirectory, path);
  }
  return cleaned;
}

}  // namespace cas
