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

// "name version" of packages that are not in the environment any more, in any version.
std::vector<std::string> dropped_packages(const Anchor& before, const Anchor& after) {
  std::vector<std::string> dropped;
  for (const AnchoredPackage& old : before.packages) {
    const auto same = [&](const AnchoredPackage& package) { return package.name == old.name; };
    if (std::none_of(after.packages.begin(), after.packages.end(), same))
      dropped.push_back(old.name + " " + old.version);
  }
  return dropped;
}

bool looks_like_environment(int directory) {
  return stat_at(directory, "pyvenv.cfg") || stat_at(directory, "conda-meta");
}

[[noreturn]] void refuse_foreign(const std::string& target) {
  throw UsageError(target + " is an environment that another program made", "remove it, or choose another path");
}

// Refuses what another tool made, finishes what was interrupted, and says what the environment holds.
std::optional<Anchor> anchor_before(const Store& store, const std::string& target, int environment) {
  auto anchor = read_environment_anchor(target);
  if (!anchor) {
    if (looks_like_environment(environment)) refuse_foreign(target);
    return std::nullopt;
  }
  // The store's own text, and only if this is that environment and no copy of it.
  return find_root(store, target).anchor;
}

}  // namespace

std::optional<CreateResult> change_environment(const EnvironmentRequest& request) {
  const Fd environment = open_directory(request.target);
  // Looked at in this order: ours has .cas before it has pyvenv.cfg. Another program's is refused untouched.
  if (looks_like_environment(environment.get()) && !stat_at(environment.get(), kAnchorDirectory)) {
    refuse_foreign(request.target);
  }
  // Where somebody's files are already, nothing tells version control and backups to look away.
  const Markers markers = is_empty(environment.get(), request.target) ? Markers::yes : Markers::no;
  const EnvironmentLock lock(environment.get(), request.target);
  finish_change(environment.get(), request.target, request.store.layout().roots());
  const std::optional<Anchor> old = anchor_before(request.store, request.target, environment.get());

  Anchor anchor = make_anchor(request);
  const std::string staging = change_staging(anchor.id);
  PendingRoot root(request.store, std::move(anchor), "");
  root.publish();
  std::vector<PlannedPackage> packages = request.packages;
  const auto found = obtain_plan(request.store, packages, request.facts, request.plan_options, plan_work(request));
  if (!found) return std::nullopt;
  refuse_conflicts(request, found->plan);

  const auto before = old ? std::optional<Plan>(plan_of_anchor(request.store, *old)) : std::nullopt;
  // RECORDs of other tools' packages: what pip put over ours is theirs.
  const OthersWork others = old ? look_at_others(request.store, *old, request.target) : OthersWork{};
  PlannedChange planned =
      plan_change(environment.get(), before, found->plan, old ? own_files_before(*old) : std::vector<std::string>{},
                  environment_file_paths(environment_files(request, markers)),
                  old ? texts_before(request.store, *old, *before) : std::vector<WrittenText>{}, others.files);
  planned.change.staging = staging;

  ScratchDirectory scratch(lock.directory(), staging, request.target + "/.cas/" + staging);
  make_directory_at(scratch.fd(), kStagedTree, 0777);
  const Fd tree = open_directory_at(scratch.fd(), kStagedTree);
  Materialised made = materialise(request.store, planned.plan, tree.get(), materialise_options(request));
  made.counts.created += write_environment_files(tree.get(), environment_files(request, markers));
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
  if (old) retire_root(request.store, look_at_root(request.store, *old));

  CreateResult result = describe_result(request, root.anchor(), *found, made);
  result.changed_existing = true;
  if (old) {
    result.dropped = dropped_packages(*old, root.anchor());
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
