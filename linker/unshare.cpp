#include "linker/unshare.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "linker/environment_lock.hpp"
#include "linker/environment_plan.hpp"
#include "linker/environment_request.hpp"
#include "linker/own_copies.hpp"
#include "linker/placed_file.hpp"
#include "linker/plan_bytecode.hpp"
#include "linker/plan_paths.hpp"
#include "linker/plan_restoration.hpp"
#include "store/base/error.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/relpath.hpp"
#include "store/object_check.hpp"
#include "store/roots.hpp"
#include "store/sys/file.hpp"
#include "store/sys/link.hpp"

namespace cas {
namespace {

struct Placed {
  ObjectId object;
  std::uint64_t size = 0;
};
using PlacedFiles = std::map<std::string, Placed>;

class Unsharing {
 public:
  Unsharing(const Store& store, const std::string& environment, const UnshareOptions& options)
      : store_(store), options_(options) {
    result_.path = resolve_target(environment);
    recover_environment(store, result_.path);
    anchor_ = find_root(store, result_.path).anchor;
    root_ = open_directory(result_.path);
  }

  UnshareResult run() {
    const EnvironmentLock lock(root_.get(), result_.path);
    own_ = read_own_copies(root_.get());
    find_placed();
    const std::vector<std::string> chosen = choose();
    OwnCopies after = own_;
    for (const std::string& path : chosen) after[path] = placed_.at(path).object;
    // Remembered before it is true: a path that is a link still counts as one.
    if (options_.run == RepairRun::real) write_own_copies(result_.path, after);
    failpoint("unshare-noted");
    for (const std::string& path : chosen) unshare(path, placed_.at(path));
    if (options_.edited) find_changed_bytecode();
    return std::move(result_);
  }

 private:
  void find_placed() {
    // Without it nothing is known of RECORDs.
    SilentProgress silent;
    static_cast<void>(restore_plan(store_, anchor_, result_.path, silent));
    const Plan plan = plan_of_anchor(store_, anchor_);
    for (const PlanFile& file : plan.files) {
      std::string path = join_path(plan.directories[file.directory], file.name);
      // Python replaces it when its source is edited.
      (is_bytecode_path(path) ? bytecode_ : placed_)[std::move(path)] = {file.object, file.size};
    }
  }

  // Nobody edits bytecode to keep it; but `chown -R` and `chmod -R` change it for everybody, too.
  void find_changed_bytecode() {
    for (const auto& [path, file] : bytecode_) {
      const PlacedLook look =
          look_at_placed_file(root_.get(), path, file.object, file.size, store_.ownership(), PlacedDepth::metadata);
      if (look.state == PlacedState::changed_in_place) result_.bad_inodes[inode_of(*look.info)] = file.object;
    }
  }

  std::vector<std::string> choose() {
    std::vector<std::string> chosen;
    const auto add = [&](const std::string& path) {
      if (is_its_own(path, placed_.at(path).object)) {
        result_.already.push_back(path);
      } else if (std::ranges::find(chosen, path) == chosen.end()) {
        chosen.push_back(path);
      }
    };
    for (const std::string& path : options_.paths) add_named(path, add);
    if (!options_.edited) return chosen;
    const PlacedDepth depth = options_.contents ? PlacedDepth::contents : PlacedDepth::metadata;
    for (const auto& [path, file] : placed_) {
      const PlacedState state =
          look_at_placed_file(root_.get(), path, file.object, file.size, store_.ownership(), depth).state;
      if (state != PlacedState::right && state != PlacedState::missing && !is_its_own(path, file.object)) add(path);
    }
    return chosen;
  }

  // Not one that was noted by a command that was killed before it made the copy.
  bool is_its_own(const std::string& path, const ObjectId& object) {
    if (!is_own_copy(own_, path, object)) return false;
    const auto info = stat_at(root_.get(), path);
    return !info || info->st_nlink < 2;
  }

  template <class F>
  void add_named(const std::string& named, const F& add) {
    std::string path = absolute_path(named.starts_with('/') ? named : result_.path + "/" + named);
    if (path != result_.path && !path.starts_with(result_.path + "/")) {
      throw UsageError(fmt::format("{} does not lie in {}", printable(named), printable(result_.path)),
                       "name files of the environment, relative to it or absolute");
    }
    path = path == result_.path ? "" : path.substr(result_.path.size() + 1);
    if (placed_.contains(path)) return add(path);
    bool any = false;
    const std::string below = path.empty() ? "" : path + "/";
    for (auto file = placed_.lower_bound(below); file != placed_.end() && file->first.starts_with(below); ++file) {
      if (!stat_at(root_.get(), file->first)) continue;
      any = true;
      add(file->first);
    }
    if (any) return;
    throw NotFound(fmt::format("{} is no file that a package brought to {}", printable(named), printable(result_.path)),
                   "files that the environment alone has can be edited as they are; `cas show ENV` lists its packages");
  }

  // Where the file lies. A directory on the way may have become a link to somewhere else, whose files are nobody's business here.
  Fd open_parent(const std::string& path) const {
    Fd directory = open_directory(result_.path);
    std::size_t begin = 0;
    for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', begin)) {
      Fd below = try_open_directory_at(directory.get(), path.substr(begin, slash - begin));
      if (!below) {
        throw Error(fmt::format("{}/{} is no directory any more: {} does not lie in the environment",
                                printable(result_.path), printable(path.substr(0, slash)), printable(path)),
                    "`cas doctor` says what else was replaced");
      }
      directory = std::move(below);
      begin = slash + 1;
    }
    return directory;
  }

  void unshare(const std::string& path, const Placed& file) {
    const Fd parent = open_parent(path);
    const PlacedLook look =
        look_at_placed_file(root_.get(), path, file.object, file.size, store_.ownership(), PlacedDepth::contents);
    if (look.state == PlacedState::missing)
      throw NotFound(result_.path + "/" + path + ": is gone", "`cas doctor --fix` brings it back");
    if (!S_ISREG(look.info->st_mode)) throw Error(result_.path + "/" + path + ": is no regular file any more");
    const bool changed = digest_of(path) != file.object.digest;
    result_.files.push_back({path, changed});
    // Mode and owner were changed for everybody, too.
    if (look.state == PlacedState::changed_in_place) result_.bad_inodes[inode_of(*look.info)] = file.object;
    if (options_.run == RepairRun::real) replace(parent.get(), path, *look.info, file.object.executable);
  }

  Sha256Digest digest_of(const std::string& path) {
    return digest_of_file(open_read_at(root_.get(), path).get(), path);
  }

  void replace(int directory, const std::string& path, const struct stat& info, Executable executable) {
    const std::string name(name_of(path));
    const std::string temporary = std::string(kRelinkScratch) + random_name();
    const mode_t mode = (executable == Executable::yes ? 0777 : 0666) & ~process_umask();
    const Fd from = open_read_at(directory, name, path);
    try {
      if (clone_file(from.get(), directory, temporary.c_str(), mode, info.st_mtim.tv_sec) != LinkOutcome::linked &&
          copy_file(from.get(), directory, temporary.c_str(), mode, info.st_mtim.tv_sec, path) != LinkOutcome::linked) {
        throw SystemError(EEXIST, "copying", path);
      }
      rename_at(directory, temporary, directory, name);
    } catch (...) {
      remove_file_quietly_at(directory, temporary);
      throw;
    }
    failpoint("unshare-replaced");
  }

  const Store& store_;
  const UnshareOptions& options_;
  Anchor anchor_;
  Fd root_;
  OwnCopies own_;
  PlacedFiles placed_, bytecode_;
  UnshareResult result_;
};

}  // namespace

UnshareResult unshare_files(const Store& store, const std::string& environment, const UnshareOptions& options) {
  return Unsharing(store, environment, options).run();
}

}  // namespace cas
