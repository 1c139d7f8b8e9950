#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "linker/change_journal.hpp"
#include "linker/change_permission.hpp"
#include "linker/change_planning.hpp"
#include "linker/environment_lock.hpp"
#include "linker/environment_move.hpp"
#include "linker/environment_others.hpp"
#include "linker/environment_request.hpp"
#include "linker/pyvenv_cfg.hpp"
#include "linker/replanning.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/relpath.hpp"
#include "store/history.hpp"
#include "store/sys/file.hpp"
#include "store/sys/lock.hpp"
#include "store/sys/tree.hpp"
#include "store/sys/users.hpp"

namespace cas {
namespace {

bool is_empty(int directory, const std::string& path) {
  bool empty = true;
  list_directory(directory, path, [&](const std::string&, unsigned char) { empty = false; });
  return empty;
}

bool is_same_file(int a, int b, const std::string& path) {
  const auto left = stat_at(a, path);
  const auto right = stat_at(b, path);
  if (!left || !right || left->st_mode != right->st_mode || left->st_size != right->st_size) return false;
  if (S_ISLNK(left->st_mode)) return read_symlink_at(a, path) == read_symlink_at(b, path);
  if (!S_ISREG(left->st_mode)) return false;  // a directory that is new as a whole
  const auto size = static_cast<std::size_t>(left->st_size);
  return try_read_file_at(a, path, size) == try_read_file_at(b, path, size);
}

// Whether the change would leave everything as it is: what is always made again lies there with the same content.
bool is_no_change(int environment, int staged, const Change& change) {
  return change.keep.empty() && change.remove.empty() &&
         std::ranges::all_of(change.place,
                             [&](const std::string& path) { return is_same_file(staged, environment, path); });
}

constexpr std::string_view kNoRollback = "the environment cannot be rolled back to what it was before";

// For what comes with a change and is not the change itself. A warning says what failed, and what that means.
template <class Work>
void without_failing(std::vector<std::string>& warnings, std::string_view meaning, Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    warnings.push_back(
        fmt::format("{}: {}{}{}", meaning, error.message(), error.hint().empty() ? "" : "; ", error.hint()));
  }
}

bool is_still_at(int directory, const std::string& path) {
  const auto there = stat_path(path);
  const auto here = stat_fd(directory, path);
  return there && there->st_dev == here.st_dev && there->st_ino == here.st_ino;
}

bool looks_like_environment(int directory) {
  return stat_at(directory, "pyvenv.cfg") || stat_at(directory, "conda-meta");
}

[[noreturn]] void throw_foreign(const std::string& target) {
  throw UsageError(target + " is an environment that another program made",
                   "only `cas create --clear` and `cas venv --clear` replace it; choose another path, or remove it");
}

// Refuses what another tool made, finishes what was interrupted, and says what the environment holds.
std::optional<Anchor> anchor_before(const Store& store, const std::string& target, int environment) {
  auto anchor = read_environment_anchor(target);
  if (!anchor) {
    if (looks_like_environment(environment)) throw_foreign(target);
    return std::nullopt;
  }
  // The store's own text, and only if this is that environment and no copy of it.
  return find_root(store, target).anchor;
}

EnvironmentFiles own_files(const EnvironmentRequest& request, Markers markers, const std::optional<Anchor>& old,
                           int environment) {
  EnvironmentFiles files = environment_files(request, markers);
  if (old) files.lines_of_users = lines_of_users(read_pyvenv_cfg(environment).value_or(""));
  return files;
}

// Everything but the packages of `old` that stay as they are. What other tools took over is not there to stay.
ChangeScope scope_of(const EnvironmentRequest& request, const std::optional<Anchor>& old, const OthersWork& others,
                     const std::vector<std::string>& own_files) {
  ChangeScope scope;
  scope.keep_obstacles = request.keep_obstacles;
  if (!old || !request.remade) return scope;
  std::vector<PlannedPackage> come = request.packages;
  std::vector<std::size_t> go;
  for (std::size_t i = 0; i < old->packages.size(); ++i) {
    const auto stays = std::ranges::find(come, old->packages[i].artifact, &PlannedPackage::artifact);
    const bool is_there =
        !is_taken_over(others, i) && stays != come.end() && !request.remade->contains(stays->metadata.normalized_name);
    if (is_there) {
      come.erase(stays);
    } else {
      go.push_back(i);
    }
  }
  scope.touched = paths_of_packages(request.store, *old, go);
  scope.touched->merge(paths_of_packages(request.store, std::move(come), request.facts.layout));
  scope.touched->insert(own_files.begin(), own_files.end());
  scope.touched->insert(request.others_to_go.begin(), request.others_to_go.end());
  for (std::string& path : own_files_before(*old)) scope.touched->insert(std::move(path));
  return scope;
}

// What somebody said in pyvenv.cfg, and the staged one does not, is not lost: a copy is placed among what is kept, because without
// the file itself there would be no environment until the change is done.
void keep_configuration(const Anchor& old, int environment, int staged, PlannedChange& planned) {
  const std::string name = "pyvenv.cfg";
  if (!stat_at(environment, name)) return;
  const auto former = read_pyvenv_cfg(environment);
  if (!former) {
    planned.change.keep.push_back(name);
    planned.warnings.emplace_back("pyvenv.cfg was none that can be read, and is kept below .cas/kept");
    return;
  }
  const std::vector<std::string> lost =
      lost_configuration(*former, read_pyvenv_cfg(staged).value_or(""), configured_home(old), old.python_version);
  if (lost.empty()) return;
  const std::string directory = fmt::format("{}/kept/{}", kAnchorDirectory, planned.change.staging);
  make_directory_at(staged, kAnchorDirectory, 0777);
  make_directory_at(staged, fmt::format("{}/kept", kAnchorDirectory), 0777);
  make_directory_at(staged, directory, 0777);
  write_new_file_at(staged, directory + "/" + name, *former, 0666);
  planned.change.place.insert(planned.change.place.begin(), directory + "/" + name);
  planned.warnings.push_back(
      fmt::format("pyvenv.cfg is made anew, without what it said of {}, and kept below .cas/kept as it was",
                  fmt::join(lost, ", ")));
}

}  // namespace

void refuse_foreign(const std::string& target) {
  const Fd environment = open_directory(target);
  if (looks_like_environment(environment.get()) && !stat_at(environment.get(), kAnchorDirectory)) throw_foreign(target);
}

std::optional<CreateResult> change_environment(const EnvironmentRequest& request) {
  const Fd environment = open_directory(request.target);
  // Looked at in this order: ours has .cas before it has pyvenv.cfg. Another program's is refused untouched.
  refuse_foreign(request.target);
  // Where somebody's files are already, nothing tells version control and backups to look away.
  const Markers markers = is_empty(environment.get(), request.target) ? Markers::yes : Markers::no;
  failpoint("change-planned");
  // Removed, or replaced by another directory (--clear): before the lock was asked for, or while it was waited for.
  if (!is_still_at(environment.get(), request.target)) throw ChangedMeanwhile(request.target);
  const EnvironmentLock lock(environment.get(), request.target);
  if (!is_still_at(environment.get(), request.target)) throw ChangedMeanwhile(request.target);
  finish_change(environment.get(), request.target, request.store.layout().roots());
  refuse_stale(request);
  const std::optional<Anchor> old = anchor_before(request.store, request.target, environment.get());

  std::vector<std::string> warnings;
  if (old) without_failing(warnings, kNoRollback, [&] { settle_history(request.store, *old); });

  Anchor anchor = make_anchor(request);
  continue_history(old, anchor);
  const std::string staging = change_staging(anchor.id);
  PendingRoot root(request.store, std::move(anchor), "");
  root.publish();
  std::vector<PlannedPackage> packages = request.packages;
  const auto found = obtain_plan(request.store, packages, request.facts, request.plan_options, plan_work(request));
  if (!found) return std::nullopt;
  refuse_conflicts(request, found->plan);

  const auto before = old ? std::optional<Plan>(plan_of_anchor(request.store, *old)) : std::nullopt;
  // RECORDs of other tools' packages: what pip put over ours is theirs.
  OthersWork others = old ? look_at_others(request.store, *old, request.target) : OthersWork{};
  // What goes of theirs goes as if it were the old environment's own.
  std::vector<std::string> old_own_files = old ? own_files_before(*old) : std::vector<std::string>{};
  for (const std::string& path : request.others_to_go) {
    others.files.erase(path);
    old_own_files.push_back(path);
  }
  const EnvironmentFiles files = own_files(request, markers, old, environment.get());
  const std::vector<std::string> own_paths = environment_file_paths(files);
  PlannedChange planned =
      plan_change(environment.get(), before, found->plan, old_own_files, own_paths,
                  old ? texts_before(request.store, *old, *before) : std::vector<WrittenText>{}, others.files,
                  scope_of(request, old, others, own_paths), old ? read_own_copies(environment.get()) : OwnCopies{});
  planned.change.staging = staging;
  for (const std::string& path : request.others_edited) {
    const bool goes = std::erase(planned.change.remove, path) > 0;
    if (!goes && std::ranges::find(planned.change.place, path) == planned.change.place.end()) continue;
    planned.change.keep.push_back(path);
    planned.warnings.push_back("changed since it was installed, and kept below .cas/kept: " + printable(path));
  }

  ScratchDirectory scratch(lock.directory(), staging, request.target + "/.cas/" + staging);
  make_directory_at(scratch.fd(), kStagedTree, 0777);
  const Fd tree = open_directory_at(scratch.fd(), kStagedTree);
  Materialised made = materialise(request.store, planned.plan, tree.get(), materialise_options(request));
  made.counts.created += write_environment_files(tree.get(), files);
  if (old) keep_configuration(*old, environment.get(), tree.get(), planned);
  if (old && same_environment(*old, root.anchor()) && is_no_change(environment.get(), tree.get(), planned.change)) {
    make_environment_directories(environment.get(), request.facts);
    touch_path_now(request.target + "/" + kAnchorPath);
    CreateResult result = describe_result(request, *old, *found, made, environment.get());
    result.unchanged = true;
    result.links = {};
    result.warnings.insert(result.warnings.end(), planned.warnings.begin(), planned.warnings.end());
    return result;
  }
  refuse_unchangeable(environment.get(), request.target, planned.change);
  root.attach(scratch.fd(), kStagedAnchor);
  if (request.store.durability() != Durability::none) sync_filesystem(environment.get(), request.target);
  failpoint("change-staged");

  // The journal is only believed while the anchor stands in the store: from here on it stays. Should the journal fail to be
  // written, the staging goes, and with it the anchor's second name: then it is a dead one's.
  root.finish();
  commit_change(environment.get(), planned.change);
  scratch.keep();
  failpoint("journal");
  finish_change(environment.get(), request.target, request.store.layout().roots());
  // It has happened: nothing from here on makes a failure of it.
  without_failing(warnings, "a directory that is usual in environments is missing",
                  [&] { make_environment_directories(environment.get(), request.facts); });
  if (old) {
    without_failing(warnings, kNoRollback,
                    [&] { keep_revision(request.store, look_at_root(request.store, *old), root.anchor()); });
  }
  if (request.store.durability() == Durability::strict) sync_filesystem(environment.get(), request.target);

  CreateResult result = describe_result(request, root.anchor(), *found, made, environment.get());
  result.changed_existing = old.has_value();
  if (old) {
    if (old->python_version != request.facts.version) result.python_before = old->python_version;
  }
  result.warnings.insert(result.warnings.end(), planned.warnings.begin(), planned.warnings.end());
  result.warnings.insert(result.warnings.end(), warnings.begin(), warnings.end());
  return result;
}

namespace {

std::string unfinished(const std::string& target, const Error& error) {
  return fmt::format("{}: a change of it was interrupted, and cannot be finished: {}{}{}", target, error.message(),
                     error.hint().empty() ? "" : "; ", error.hint());
}

bool finish_committed(const Store& store, const std::string& path) {
  const Fd own = try_open_directory_at(kCurrentDirectory, path + "/" + kAnchorDirectory);
  if (!own) return false;
  // Locked only where there is something to finish: this may be every environment of a store, and their owners at work.
  bool left = false;
  list_directory(own.get(), path, [&](const std::string& name, unsigned char) {
    left = left || name == "journal" || name.starts_with("new-");
  });
  if (!left) return false;
  // Another user's in a store that a group shares: half of it would fail here, and he finishes all of it.
  const uid_t self = effective_user();
  if (self != 0 && stat_fd(own.get(), path).st_uid != self) return false;
  // Locked: somebody is changing it right now, so nothing is interrupted.
  if (!try_lock_fd(own.get(), LockMode::exclusive)) return false;
  return finish_change(open_directory(path).get(), path, store.layout().roots());
}

}  // namespace

bool recover_environment(const Store& store, const std::string& path) {
  // What cannot be finished elsewhere is not this environment's business.
  std::vector<std::string> warnings;
  finish_moves(store, warnings);
  return finish_committed(store, path);
}

void recover_environments(const Store& store, std::vector<std::string>& warnings) {
  finish_moves(store, warnings);
  std::set<std::string> targets;
  for (const Root& root : list_roots(store)) targets.insert(root.anchor.target);
  for (const std::string& target : targets) {
    try {
      finish_committed(store, target);
    } catch (const SystemError& error) {
      // Behind a directory of another user's, of a store that a group shares, or did.
      if (!error.is(EACCES)) warnings.push_back(unfinished(target, error));
    } catch (const Error& error) {
      warnings.push_back(unfinished(target, error));
    }
  }
}

}  // namespace cas
