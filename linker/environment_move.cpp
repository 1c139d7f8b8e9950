#include "linker/environment_move.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <optional>

#include "linker/environment.hpp"
#include "linker/environment_clone.hpp"
#include "linker/environment_lock.hpp"
#include "linker/environment_request.hpp"
#include "store/base/codec.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/relpath.hpp"
#include "store/roots.hpp"
#include "store/sys/file.hpp"
#include "store/sys/lock.hpp"
#include "store/sys/users.hpp"

namespace cas {
namespace {

// What running/<random id> says of a move: no path in front, so nobody takes it for scratch to be removed.
constexpr std::string_view kMagic = "move ";
constexpr std::size_t kMostMark = 8192;

struct MoveMark {
  std::string anchor;  // id of the environment's before
  std::string copy;    // id of the copy's on another filesystem; "": it is moved by a rename
  std::string from, to;
};

std::string encode(const MoveMark& mark) {
  std::string text;
  ByteWriter out(text);
  out.raw(kMagic);
  for (const std::string* field : {&mark.anchor, &mark.copy, &mark.from, &mark.to}) out.string(*field);
  return text;
}

std::optional<MoveMark> decode(const std::string& text) {
  if (!text.starts_with(kMagic)) return std::nullopt;
  ByteReader in(text);
  static_cast<void>(in.raw(kMagic.size()));
  MoveMark mark;
  for (std::string* field : {&mark.anchor, &mark.copy, &mark.from, &mark.to}) *field = in.string();
  return mark;
}

// "" where there is none, or none that can be read.
std::string anchor_id_at(const std::string& path) {
  try {
    const auto anchor = read_environment_anchor(path);
    return anchor ? anchor->id : std::string();
  } catch (const Error&) {
    return {};
  }
}

// The anchor of the environment before, where its mover died before he could retire it.
void retire_if_dead(const Store& store, const std::string& id) {
  for (const Root& root : list_roots(store)) {
    if (root.anchor.id == id && root.state == AnchorState::dead) retire_root(store, root);
  }
}

bool has_journal(const std::string& path) { return stat_path(path + "/.cas/journal").has_value(); }

// The rename crossed filesystems, or one of the places is a mount of its own.
bool needs_copy(const SystemError& error) { return error.is(EXDEV); }

class Move {
 public:
  Move(const Store& store, const std::string& from, const std::string& to, Progress& progress)
      : store_(store), progress_(progress) {
    result_.from = absolute_path(from);
    result_.to = resolve_target(to);
  }

  MoveResult run() {
    const std::string &from = result_.from, &to = result_.to;
    const auto info = stat_path(from);
    // Moved already, by whatever program: only what names its place has to follow.
    if (from == to || (!info && stat_path(to))) return refit_here();
    if (info && S_ISLNK(info->st_mode)) {
      throw UsageError(from + " is a symbolic link", "name the environment itself: the link is yours to move");
    }
    if (stat_path(to)) throw UsageError(to + " exists", "choose another path");
    refuse_place(store_, to);
    if (to.starts_with(from + "/")) throw UsageError(to + " lies in the environment itself");
    recover_environment(store_, from);
    anchor_ = find_root(store_, from).anchor;
    const std::string parent(parent_of(to).empty() ? "/" : parent_of(to));
    make_directories(parent);
    progress_.phase("moving " + from, 0);
    if (!try_rename()) copy();
    return std::move(result_);
  }

 private:
  MoveResult refit_here() {
    recover_environment(store_, result_.to);
    const std::string was = find_root(store_, result_.to).anchor.target;
    if (result_.from != result_.to && was != result_.from) {
      throw NotFound(fmt::format("{}: there is no such environment, and {} is another one", result_.from, result_.to),
                     "`cas list` shows them");
    }
    result_.from = was;
    result_.rewritten = refit_environment(store_, result_.to).rewritten;
    return std::move(result_);
  }

  // false: it has to be copied.
  bool try_rename() {
    const std::string &from = result_.from, &to = result_.to;
    RunningMark mark(store_, random_name(), encode({anchor_.id, "", from, to}));
    {
      const Fd own = open_directory_at(kCurrentDirectory, from + "/" + kAnchorDirectory);
      lock_environment(own.get(), from);
      failpoint("move-marked");
      try {
        if (!rename_noreplace_at(kCurrentDirectory, from, kCurrentDirectory, to)) {
          throw Error(to + ": somebody else has just made it", "choose another path, or run the command again");
        }
      } catch (const SystemError& error) {
        if (!needs_copy(error)) throw;
        return false;
      }
    }
    try {
      failpoint("moved");
      result_.rewritten = refit_environment(store_, to, {from}).rewritten;
    } catch (...) {
      // Not committed: back, as if nothing had been. Otherwise the mark stays where the next command has something to finish.
      const bool committed = has_journal(to) || anchor_id_at(to) != anchor_.id;
      const bool back = !committed && rename_noreplace_at(kCurrentDirectory, to, kCurrentDirectory, from);
      mark.leave_scratch(has_journal(to) || (!committed && !back));
      throw;
    }
    return true;
  }

  void copy() {
    const std::string &from = result_.from, &to = result_.to;
    result_.to_other_filesystem = true;
    CloneOptions options;
    options.with_changes = true;
    options.keep_prompt = true;
    options.id = random_name();
    options.takes_history = true;
    RunningMark mark(store_, random_name(), encode({anchor_.id, options.id, from, to}));
    const CloneResult clone = clone_environment(store_, from, to, options, progress_);
    // The copy and its name are on disk before the original goes: the two filesystems know nothing of each other.
    if (store_.durability() != Durability::none) sync_filesystem(open_directory(std::string(parent_of(to))).get(), to);
    mark.leave_scratch(true);
    failpoint("moved-copy");
    static_cast<void>(remove_environment(store_, from, false, progress_, OtherThings::go));
    mark.leave_scratch(false);
    result_.warnings = clone.created.warnings;
  }

  const Store& store_;
  Progress& progress_;
  Anchor anchor_;
  MoveResult result_;
};

// What a dead mover had in mind, done to its end where it was past the point of return. nullopt: it was not.
std::optional<MoveResult> finish(const Store& store, const MoveMark& mark) {
  MoveResult result;
  result.from = mark.from;
  result.to = mark.to;
  const std::string there = anchor_id_at(mark.to);
  if (mark.copy.empty()) {
    if (there.empty() || stat_path(mark.from + "/" + kAnchorPath)) return std::nullopt;
    result.rewritten = refit_environment(store, mark.to, {mark.from}).rewritten;
    retire_if_dead(store, mark.anchor);
    return result;
  }
  // The copy is complete, since it is at its place; and it is that very copy, of that very environment.
  if (there != mark.copy || anchor_id_at(mark.from) != mark.anchor) return std::nullopt;
  static_cast<void>(find_root(store, mark.to));
  SilentProgress silent;
  static_cast<void>(remove_environment(store, mark.from, false, silent, OtherThings::go));
  result.to_other_filesystem = true;
  return result;
}

// All that nobody holds. Those that are done are returned.
std::vector<MoveResult> finish_all(const Store& store, std::vector<std::string>& warnings) {
  std::vector<MoveResult> finished;
  // Of a store that this user may only read they are others' to finish.
  if (store.index().read_only()) return finished;
  const std::string directory = store.layout().running();
  std::vector<std::string> names;
  list_directory(open_directory(directory).get(), directory,
                 [&](const std::string& name, unsigned char) { names.push_back(name); });
  for (const std::string& name : names) {
    const std::string path = directory + "/" + name;
    const auto info = stat_path(path);
    if (!info || !S_ISREG(info->st_mode) || info->st_size > static_cast<off_t>(kMostMark)) continue;
    const Fd file = try_open_read_at(kCurrentDirectory, path);
    // Others' marks are not even locked for a moment: they would take it for a living maker's.
    if (!file || !read_fd(file.get(), kMostMark, path).starts_with(kMagic)) continue;
    // Another user's move he finishes himself: what it names is his.
    if (store.ownership().group() && info->st_uid != effective_user()) continue;
    if (!try_lock_fd(file.get(), LockMode::exclusive)) continue;
    // Its maker may have ended between our look and our lock: the name is another file's then, or nobody's.
    const auto there = stat_path(path);
    if (!there || there->st_ino != stat_fd(file.get(), path).st_ino) continue;
    std::optional<MoveMark> mark;
    try {
      mark = decode(read_fd(file.get(), kMostMark, path));
      if (!mark) continue;
      if (auto result = finish(store, *mark)) finished.push_back(std::move(*result));
      remove_file_at(kCurrentDirectory, path);
    } catch (const Error& error) {
      warnings.push_back((mark ? mark->to : path) +
                         ": moving it was interrupted, and cannot be finished: " + error.message());
    }
  }
  return finished;
}

}  // namespace

MoveResult move_environment(const Store& store, const std::string& from, const std::string& to, Progress& progress) {
  std::vector<std::string> warnings;
  // This very move, begun before and killed, is done with that.
  for (MoveResult& done : finish_all(store, warnings)) {
    if (done.from == absolute_path(from) && done.to == absolute_path(to)) return std::move(done);
  }
  MoveResult result = Move(store, from, to, progress).run();
  result.warnings.insert(result.warnings.begin(), warnings.begin(), warnings.end());
  return result;
}

void finish_moves(const Store& store, std::vector<std::string>& warnings) {
  static_cast<void>(finish_all(store, warnings));
}

}  // namespace cas
