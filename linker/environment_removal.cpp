#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "linker/change_planning.hpp"
#include "linker/environment.hpp"
#include "linker/environment_contents.hpp"
#include "linker/environment_lock.hpp"
#include "linker/environment_request.hpp"
#include "linker/plan_paths.hpp"
#include "linker/replanning.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/durability.hpp"
#include "store/sys/file.hpp"
#include "store/sys/lock.hpp"
#include "store/sys/tree.hpp"
#include "store/usage.hpp"

namespace cas {
namespace {

constexpr std::uint64_t kStatBlock = 512;  // the unit of st_blocks

std::uint64_t allocated(const struct stat& info) { return static_cast<std::uint64_t>(info.st_blocks) * kStatBlock; }

// What of a directory is the environment's, where it holds other things, too.
struct OwnPart {
  std::vector<std::string> files;        // what the plan placed and nobody changed, without .cas
  std::vector<std::string> directories;  // empty without them; children before parents
  RemovedTree totals;                    // with .cas
};

class OwnPartFinder {
 public:
  OwnPartFinder(int directory, std::vector<std::string> files) : directory_(directory) {
    part_.files = std::move(files);
    going_.insert(part_.files.begin(), part_.files.end());
  }

  OwnPart find(const std::string& site_packages) {
    for (const std::string& path : part_.files) count_file(stat_at(directory_, path));
    for (const auto& [inode, names] : names_) {
      if (names.links == names.here) part_.totals.freed_bytes += names.bytes;
    }
    find_directories(site_packages);
    count_anchor_directory();
    return std::move(part_);
  }

 private:
  struct Names {
    std::uint64_t links = 0, here = 0, bytes = 0;
  };

  void count_file(const std::optional<struct stat>& info) {
    if (!info) return;
    ++part_.totals.files;
    Names& names = names_[info->st_ino];
    names.links = info->st_nlink;
    names.bytes = allocated(*info);
    ++names.here;
  }

  void find_directories(const std::string& site_packages) {
    // Below one another: a longer path comes behind its beginning.
    std::set<std::string, std::greater<>> candidates;
    for (const std::string& path : part_.files) {
      for (std::string_view parent = parent_of(path); !parent.empty(); parent = parent_of(parent)) {
        candidates.emplace(parent);
      }
    }
    // Made for the environment, and only gone if nobody put anything there.
    for (const std::string& path : usual_directories(site_packages)) candidates.insert(path);
    candidates.erase("");
    for (const std::string& path : candidates) {
      const auto info = stat_at(directory_, path);
      if (!info || !S_ISDIR(info->st_mode)) continue;
      bool emptied = true;
      list_directory(open_directory_at(directory_, path).get(), path, [&](const std::string& name, unsigned char) {
        emptied = emptied && going_.contains(join_path(path, name));
      });
      if (!emptied) continue;
      going_.insert(path);
      part_.directories.push_back(path);
      ++part_.totals.directories;
      part_.totals.freed_bytes += allocated(*info);
    }
  }

  void count_anchor_directory() {
    const Fd own = open_directory_at(directory_, kAnchorDirectory);
    ++part_.totals.directories;
    part_.totals.freed_bytes += allocated(stat_fd(own.get(), kAnchorDirectory));
    walk_tree(own.get(), [&](const std::string&, const struct stat& info) {
      ++(S_ISDIR(info.st_mode) ? part_.totals.directories : part_.totals.files);
      if (S_ISDIR(info.st_mode) || info.st_nlink == 1) part_.totals.freed_bytes += allocated(info);
    });
  }

  int directory_;
  OwnPart part_;
  std::set<std::string> going_;
  std::map<ino_t, Names> names_;
};

OwnPart find_own_part(const Store& store, const std::string& target, const Anchor& anchor, const Plan& plan) {
  const Fd directory = open_directory(target);
  std::vector<std::string> own_files = own_files_before(anchor);
  for (std::string& path : own_markers(directory.get())) own_files.push_back(std::move(path));
  PlannedChange change = plan_change(directory.get(), plan, Plan{}, own_files, {}, texts_before(store, anchor, plan));
  return OwnPartFinder(directory.get(), std::move(change.change.remove)).find(anchor.site_packages);
}

// The anchor last, so that an interrupted removal can be repeated.
void remove_own_part(const std::string& target, const OwnPart& part) {
  const Fd directory = open_directory(target);
  for (const std::string& path : part.files) remove_file_at(directory.get(), path);
  for (const std::string& path : part.directories) remove_directory_at(directory.get(), path);
  remove_tree_at(directory.get(), kAnchorDirectory);
}

// ".cas-<id>", ".cas-removed-<id>": where a command was killed that made or removed an environment here. `cas gc` takes it away.
bool is_dead_scratch(const Store& store, const std::string& name) {
  constexpr std::size_t kIdDigits = 32;
  if (!name.starts_with(".cas-") || name.size() < kIdDigits) return false;
  const std::string id = name.substr(name.size() - kIdDigits);
  if (id.find_first_not_of("0123456789abcdef") != std::string::npos) return false;
  const Fd mark = try_open_read_at(kCurrentDirectory, store.layout().running() + "/" + id);
  return mark && try_lock_fd(mark.get(), LockMode::shared);
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

struct HeldRoot {
  Root root;
  Fd own;  // held until the end, so that nobody changes what is going
};

// As it is once nobody else makes or changes it. Throws ChangedMeanwhile where another environment took its place while this waited.
HeldRoot hold_to_remove(const Store& store, const std::string& target) {
  static_cast<void>(find_root(store, target));
  HeldRoot held;
  held.own = try_open_directory_at(kCurrentDirectory, target + "/" + kAnchorDirectory);
  if (!held.own) throw ChangedMeanwhile(target);
  lock_environment(held.own.get(), target);
  const auto there = stat_path(target + "/" + kAnchorDirectory);
  const auto mine = stat_fd(held.own.get(), target);
  // Whoever had it may have changed it, replaced it as a whole or taken it away.
  if (!there || there->st_ino != mine.st_ino || there->st_dev != mine.st_dev) throw ChangedMeanwhile(target);
  held.root = find_root(store, target);
  // Its maker has put it in place, and is just finishing.
  if (held.root.state == AnchorState::running) {
    const std::string mark = store.layout().running() + "/" + held.root.anchor.id;
    if (const Fd file = try_open_read_at(kCurrentDirectory, mark)) wait_for_maker(file.get(), target);
    held.root = find_root(store, target);
  }
  return held;
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
  const auto [root, own] = planned_until_it_fits([&] { return hold_to_remove(store, target); });
  RemoveResult result;
  result.path = target;
  std::optional<Plan> plan = find_plan(store, root.anchor.plan);
  if (others == OtherThings::stay) result.kept = foreign_entries(target, plan);
  std::erase_if(result.kept, [&](const std::string& name) { return is_dead_scratch(store, name); });
  RemovedTree removed;
  if (!result.kept.empty()) {
    if (!plan) plan = plan_of_anchor(store, root.anchor);
    const OwnPart part = find_own_part(store, target, root.anchor, *plan);
    if (!dry_run) remove_own_part(target, part);
    removed = part.totals;
  } else if (dry_run) {
    const EnvironmentUsage usage = measure_environment(store, target);
    removed = {usage.files, usage.directories, usage.freed_by_removal};
  } else {
    progress.phase("removing " + target, 0);
    removed = remove_from_disk(store, target, root.anchor.id);
  }
  if (!dry_run) {
    retire_root(store, root);
    if (store.durability() == Durability::strict) {
      const std::string parent(parent_of(target).empty() ? "/" : parent_of(target));
      sync_filesystem(open_directory(parent).get(), parent);
    }
  }
  result.files = removed.files;
  result.directories = removed.directories;
  result.freed_bytes = removed.freed_bytes;
  return result;
}

}  // namespace cas
