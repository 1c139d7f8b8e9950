#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "linker/change_planning.hpp"
#include "linker/environment.hpp"
#include "linker/environment_lock.hpp"
#include "linker/environment_request.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"
#include "store/sys/tree.hpp"
#include "store/usage.hpp"

namespace cas {
namespace {

// File by file what the plan placed and nobody changed, the anchor last, so that an interrupted removal can be repeated.
RemovedTree remove_own_files(const Store& store, const std::string& target, const Anchor& anchor, const Plan& plan) {
  const Fd directory = open_directory(target);
  std::vector<std::string> own_files = own_files_before(anchor);
  for (std::string& path : own_markers(directory.get())) own_files.push_back(std::move(path));
  const PlannedChange change =
      plan_change(directory.get(), plan, Plan{}, own_files, {}, texts_before(store, anchor, plan));
  RemovedTree removed;
  for (const std::string& path : change.change.remove) {
    if (remove_file_at(directory.get(), path)) ++removed.files;
    for (std::string_view parent = parent_of(path); !parent.empty(); parent = parent_of(parent)) {
      if (!remove_directory_at(directory.get(), std::string(parent))) break;
      ++removed.directories;
    }
  }
  // Made for the environment, and only gone if nobody put anything there.
  for (const std::string& path : {anchor.site_packages, std::string("include")}) {
    for (std::string_view at = path; !at.empty(); at = parent_of(at)) {
      if (!remove_directory_at(directory.get(), std::string(at))) break;
    }
  }
  const RemovedTree last = remove_tree_at(directory.get(), kAnchorDirectory);
  removed.files += last.files;
  removed.directories += last.directories;
  return removed;
}

RemovedTree remove_from_disk(const Store& store, const std::string& target, const std::string& id) {
  const std::string parent_path(parent_of(target).empty() ? "/" : parent_of(target));
  const Fd parent = open_directory(parent_path);
  const std::string scratch = removal_scratch(target, id);
  const std::string aside(name_of(scratch));
  RunningMark mark(store, id, scratch);
  try {
    rename_at(parent.get(), std::string(name_of(target)), parent.get(), aside);
  } catch (const SystemError& error) {
    if (!only_in_place(error)) throw;
    return remove_in_place(target);
  }
  mark.leave_scratch(true);
  failpoint("removed-aside");
  RemovedTree removed = remove_tree_at(parent.get(), aside);
  // A program that runs in it may have written bytecode meanwhile. What is left then is the collector's.
  for (int attempt = 0; attempt < 3 && stat_at(parent.get(), aside); ++attempt) remove_tree_at(parent.get(), aside);
  mark.leave_scratch(stat_at(parent.get(), aside).has_value());
  failpoint("removed");
  return removed;
}

}  // namespace

// The rename is not possible, but removing the contents is: a mount point, an unwritable parent, an overlay's lower layer.
bool only_in_place(const SystemError& error) {
  for (const int number : {EBUSY, EACCES, EPERM, EROFS, EXDEV, EINVAL}) {
    if (error.is(number)) return true;
  }
  return false;
}

RemovedTree remove_in_place(const std::string& path) {
  const Fd directory = open_directory(path);
  // Without it the rest is no environment for anybody, should this be interrupted; the anchor goes last, so that the next
  // attempt finds it.
  remove_file_at(directory.get(), "pyvenv.cfg");
  std::vector<std::string> names;
  list_directory(directory.get(), path, [&](const std::string& name, unsigned char) {
    if (name != kAnchorDirectory) names.push_back(name);
  });
  names.emplace_back(kAnchorDirectory);
  RemovedTree removed;
  for (const std::string& name : names) {
    const RemovedTree part = remove_tree_at(directory.get(), name);
    removed.files += part.files;
    removed.directories += part.directories;
    removed.freed_bytes += part.freed_bytes;
  }
  return removed;
}

// Entries of the environment's directory that cas has no part in. Packages may have put folders of their own beside lib and bin.
std::vector<std::string> foreign_entries(const std::string& target, const std::optional<Plan>& plan) {
  std::set<std::string, std::less<>> own{kAnchorDirectory, "bin",          "include", "lib",
                                         "lib64",          "share",        "etc",     "pyvenv.cfg",
                                         ".gitignore",     "CACHEDIR.TAG", ".lock"};
  if (plan) {
    for (const std::string& directory : plan->directories) own.emplace(directory.substr(0, directory.find('/')));
    for (const PlanFile& file : plan->files) {
      if (file.directory == 0) own.insert(file.name);
    }
  }
  std::vector<std::string> foreign;
  const Fd directory = open_directory(target);
  list_directory(directory.get(), target, [&](const std::string& name, unsigned char) {
    if (!own.contains(name)) foreign.push_back(name);
  });
  std::sort(foreign.begin(), foreign.end());
  return foreign;
}

RemoveResult remove_environment(const Store& store, const std::string& path, bool dry_run, Progress& progress,
                                OtherThings others) {
  std::string target = absolute_path(path);
  const auto info = stat_path(target);
  if (info && S_ISLNK(info->st_mode)) {
    throw UsageError(target + " is a symbolic link", "name the environment itself: the link is yours to remove");
  }
  const Root root = find_root(store, target);
  // Held until the end, so that nobody changes what is going.
  const Fd own = open_directory_at(kCurrentDirectory, target + "/" + kAnchorDirectory);
  lock_environment(own.get(), target);
  if (root.state == AnchorState::running)
    throw Error(target + ": is being made by another command", "wait until it is done");
  RemoveResult result;
  result.path = target;
  std::optional<Plan> plan = find_plan(store, root.anchor.plan);
  if (others == OtherThings::stay) result.kept = foreign_entries(target, plan);
  if (!result.kept.empty() && !plan) plan = plan_of_anchor(store, root.anchor);
  if (dry_run) {
    const EnvironmentUsage usage = measure_environment(store, target);
    result.files = usage.files;
    result.directories = usage.directories;
    result.freed_bytes = usage.freed_by_removal;
    return result;
  }
  progress.phase("removing " + target, 0);
  const RemovedTree removed = result.kept.empty() ? remove_from_disk(store, target, root.anchor.id)
                                                  : remove_own_files(store, target, root.anchor, *plan);
  retire_root(store, root);
  result.files = removed.files;
  result.directories = removed.directories;
  result.freed_bytes = removed.freed_bytes;
  return result;
}

}  // namespace cas
