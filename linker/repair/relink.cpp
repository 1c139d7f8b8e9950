#include "linker/repair/relink.hpp"

#include <fmt/format.h>

#include <optional>

#include "linker/environment_lock.hpp"
#include "linker/object_linker.hpp"
#include "linker/own_copies.hpp"
#include "linker/placed_file.hpp"
#include "linker/plan_bytecode.hpp"
#include "linker/repair/object_places.hpp"
#include "store/base/error.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/relpath.hpp"
#include "store/object_check.hpp"
#include "store/quarantine.hpp"
#include "store/roots.hpp"
#include "store/sys/file.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

struct Wrong {
  std::string path;
  ObjectId object;
};

// Found to be changed in place while they had several names, and taken from somebody since.
using SharedFiles = std::map<InodeId, ObjectId>;

class TreeRelink {
 public:
  TreeRelink(const Store& store, const DamagedObjects& damaged, SharedFiles& changed, const ObjectTree& tree)
      : store_(store),
        damaged_(damaged),
        bad_(damaged.inodes),
        changed_(changed),
        tree_(tree),
        root_(open_directory(tree.path)) {}

  void run(RepairRun run, Relinked& result) {
    const std::vector<Wrong> wrong = find_wrong();
    if (wrong.empty() && leftovers_.empty()) return;
    std::optional<EnvironmentLock> lock;
    if (run == RepairRun::real && tree_.is_environment) lock.emplace(root_.get(), tree_.path);
    if (run == RepairRun::real) {
      for (const std::string& path : leftovers_) remove_file_at(root_.get(), path);
    }
    for (const Wrong& file : wrong) {
      const auto row = find_object(store_, file.object);
      const bool coming = damaged_.coming.contains(file.object);
      if (!coming && (!row || !is_good(file.object, *row))) {
        const bool bytecode = is_bytecode_path(file.path);
        (bytecode ? result.removed : result.left).push_back(file.path);
        if (bytecode && run == RepairRun::real) remove_file_at(root_.get(), file.path);
        continue;
      }
      if (run == RepairRun::real) {
        remember(file);
        replace(file, *row);
      }
      result.files.push_back(file.path);
    }
  }

 private:
  std::vector<Wrong> find_wrong() {
    const OwnCopies own = tree_.is_environment ? read_own_copies(root_.get()) : OwnCopies{};
    std::vector<Wrong> wrong;
    walk_tree(root_.get(), [&](const std::string& path, const struct stat& info) {
      if (!S_ISREG(info.st_mode) || path.starts_with(std::string(kAnchorDirectory) + "/")) return;
      if (name_of(path).starts_with(kRelinkScratch)) {
        leftovers_.push_back(path);
        return;
      }
      const auto placed = tree_.files.find(path);
      const auto known = bad_.find(inode_of(info));
      if (known != bad_.end()) {
        wrong.push_back({path, placed == tree_.files.end() ? known->second : placed->second.object});
        return;
      }
      if (placed == tree_.files.end() || is_own_copy(own, path, placed->second.object)) return;
      const auto seen = changed_.find(inode_of(info));
      if (seen != changed_.end() && seen->second == placed->second.object) {
        wrong.push_back({path, placed->second.object});
        return;
      }
      if (info.st_nlink < 2) return;
      const PlacedLook look = look_at_placed_file(root_.get(), path, placed->second.object, placed->second.size,
                                                  store_.ownership(), PlacedDepth::metadata);
      if (look.state != PlacedState::changed_in_place || is_put_right(placed->second.object, info)) return;
      wrong.push_back({path, placed->second.object});
    });
    return wrong;
  }

  // The store's own file, whose mode, time or owner a real run would have put right by now.
  bool is_put_right(const ObjectId& id, const struct stat& info) {
    const auto row = damaged_.coming.contains(id) ? find_object(store_, id) : std::nullopt;
    const auto own = row ? stat_path(store_.layout().object(row->segment, id)) : std::nullopt;
    return own && inode_of(*own) == inode_of(info);
  }

  // Nothing is linked that does not look right itself.
  bool is_good(const ObjectId& id, const ObjectRow& row) {
    const auto info = stat_path(store_.layout().object(row.segment, id));
    return info && !damaged_.going.contains(id) &&
           look_at_object(*info, id, row.size, store_.ownership()).state == ObjectState::sound &&
           !bad_.contains(inode_of(*info));
  }

  // Before it loses this name: the last one who has it would have it for himself else, as if he had edited it. The name in the quarantine, where
  // the mount allows one, keeps its inode number from being another file's.
  void remember(const Wrong& wrong) {
    const auto info = stat_at(root_.get(), wrong.path);
    if (!info || bad_.contains(inode_of(*info)) || !changed_.emplace(inode_of(*info), wrong.object).second) return;
    static_cast<void>(keep_damaged_file(store_, root_.get(), wrong.path, wrong.object));
  }

  void replace(const Wrong& wrong, const ObjectRow& row) {
    Plan plan;
    plan.directories = {""};
    plan.files.push_back({0, row.segment, wrong.object, row.size, std::string(name_of(wrong.path))});
    const std::string parent(parent_of(wrong.path));
    const Fd directory = parent.empty() ? open_directory(tree_.path) : open_directory_at(root_.get(), parent);
    const std::string temporary = std::string(kRelinkScratch) + random_name();
    LinkCounts counts;
    try {
      ObjectLinker(store_, plan, tree_.mode).place(plan.files.front(), directory.get(), temporary.c_str(), counts);
      failpoint("relink-placed");
      rename_at(directory.get(), temporary, directory.get(), plan.files.front().name);
    } catch (...) {
      remove_file_quietly_at(directory.get(), temporary);
      throw;
    }
  }

  const Store& store_;
  const DamagedObjects& damaged_;
  const std::map<InodeId, ObjectId>& bad_;
  SharedFiles& changed_;
  const ObjectTree& tree_;
  Fd root_;
  std::vector<std::string> leftovers_;  // of commands that were killed
};

}  // namespace

RelinkResult relink_trees(const Store& store, const DamagedObjects& damaged, const std::vector<std::string>& elsewhere,
                          RepairRun run) {
  RelinkResult result;
  SharedFiles changed;
  for_each_object_tree(store, elsewhere, result.warnings, [&](const ObjectTree& tree) {
    Relinked relinked;
    relinked.path = tree.path;
    try {
      TreeRelink(store, damaged, changed, tree).run(run, relinked);
    } catch (const Error& error) {
      // One of them being busy, or not ours to write, says nothing about the next.
      relinked.failure = error.message();
    }
    if (relinked.files.empty() && relinked.removed.empty() && relinked.left.empty() && relinked.failure.empty()) return;
    result.trees.push_back(std::move(relinked));
  });
  return result;
}

}  // namespace cas
