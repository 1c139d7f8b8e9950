#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "linker/change_journal.hpp"
#include "linker/change_planning.hpp"
#include "linker/environment_lock.hpp"
#include "linker/environment_move.hpp"
#include "linker/environment_others.hpp"
#include "linker/environment_request.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/relpath.hpp"
#include "store/history.hpp"
#include "store/sys/file.hpp"
#include "store/sys/lock.hpp"
#include "store/sys/tree.hpp"

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
  const EnvironmentLock lock(environment.get(), request.target);
  finish_change(environment.get(), request.target, request.store.layout().roots());
  const std::optional<Anchor> old = anchor_before(request.store, request.target, environment.get());

  if (old) settle_history(request.store, *old);

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
  PlannedChange planned =
      plan_change(environment.get(), before, found->plan, old_own_files,
                  environment_file_paths(environment_files(request, markers)),
                  old ? texts_before(request.store, *old, *before) : std::vector<WrittenText>{}, others.files);
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
  made.counts.created += write_environment_files(tree.get(), environment_files(request, markers));
  if (old && same_environment(*old, root.anchor()) && is_no_change(environment.get(), tree.get(), planned.change)) {
    make_environment_directories(environment.get(), request.facts);
    touch_path_now(request.target + "/" + kAnchorPath);
    CreateResult result = describe_result(request, *old, *found, made, environment.get());
    result.unchanged = true;
    result.links = {};
    result.warnings.insert(result.warnings.end(), planned.warnings.begin(), planned.warnings.end());
    return result;
  }
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
  make_environment_directories(environment.get(), request.facts);
  if (old) keep_revision(request.store, look_at_root(request.store, *old), root.anchor());

  CreateResult result = describe_result(request, root.anchor(), *found, made, environment.get());
  result.changed_existing = old.has_value();
  if (old) {
    if (old->python_version != request.facts.version) result.python_before = old->python_version;
  }
  result.warnings.insert(result.warnings.end(), planned.warnings.begin(), planned.warnings.end());
  return result;
}

namespace {

bool finish_committed(const Store& store, const std::string& path) {
  const Fd own = try_open_directory_at(kCurrentDirectory, path + "/" + kAnchorDirectory);
  if (!own) return false;
  // Locked only where there is something to finish: this may be every environment of a store, and their owners at work.
  bool left = false;
  list_directory(own.get(), path, [&](const std::string& name, unsigned char) {
    left = left || name == "journal" || name.starts_with("new-");
  });
  if (!left) return false;
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
    } catch (const Error& error) {
      warnings.push_back(fmt::format("{}: a change of it was interrupted, and cannot be finished: {}{}{}", target,
                                     error.message(), error.hint().empty() ? "" : "; ", error.hint()));
    }
  }
}

}  // namespace cas
