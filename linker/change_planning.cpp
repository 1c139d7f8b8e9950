#include "linker/change_planning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "linker/activation/activation.hpp"
#include "linker/plan_bytecode.hpp"
#include "linker/plan_paths.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/objects/layout.hpp"
#include "store/roots.hpp"
#include "store/sys/file.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

// What a plan puts at a path: an object (empty ones included), or text made for the environment.
struct Expected {
  std::optional<ObjectId> object{};
  std::uint64_t size = 0;
  std::optional<std::string> text{};  // what was written, where it is known
  bool activation = false;            // one of the environment's activation scripts
};

using Contents = std::map<std::string, Expected>;

bool is_activation_script(std::string_view name) {
  const auto names = activation_script_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

Contents contents_of(const Plan& plan, const std::vector<std::string>& own_files,
                     const std::vector<WrittenText>& texts) {
  Contents contents;
  for (const PlanFile& file : plan.files) {
    contents[join_path(plan.directories[file.directory], file.name)] = {file.object, file.size};
  }
  for (const PlanEmptyFile& file : plan.empty_files) {
    contents[join_path(plan.directories[file.directory], file.name)] = {ObjectId{empty_digest(), file.executable}, 0};
  }
  for (const PlanLink& link : plan.links) contents[join_path(plan.directories[link.directory], link.name)] = {};
  for (const PlanScript& script : plan.scripts) contents[join_path(plan.scripts_directory, script.name)] = {};
  for (const PlanRecord& record : plan.records) contents[record.path] = {};
  for (const std::string& path : own_files) contents[path].activation = is_activation_script(name_of(path));
  for (const WrittenText& written : texts) {
    // Rows of nothing: the text of a RECORD that nobody remembers.
    if (!written.text.empty()) contents[written.path].text = written.text;
  }
  return contents;
}

// Larger than any activation script.
constexpr std::uint64_t kMostScript = 64 * 1024;

// Text of ours has no canonical time: it is compared where it is known, and else counts as unchanged. Activation scripts tell by
// themselves whether they were edited.
bool unchanged(int environment, const std::string& path, const struct stat& info, const Expected& expected) {
  if (expected.text) {
    const std::string& text = *expected.text;
    if (!S_ISREG(info.st_mode) || static_cast<std::uint64_t>(info.st_size) != text.size()) return false;
    return try_read_file_at(environment, path, text.size()) == text;
  }
  if (!expected.object) {
    if (!expected.activation || !S_ISREG(info.st_mode)) return !S_ISDIR(info.st_mode);
    if (static_cast<std::uint64_t>(info.st_size) > kMostScript) return false;
    return is_unedited_activation_script(try_read_file_at(environment, path, kMostScript).value_or(""));
  }
  return S_ISREG(info.st_mode) && static_cast<std::uint64_t>(info.st_size) == expected.size &&
         info.st_mtim.tv_sec == canonical_mtime(expected.object->digest);
}

// The first few, each with `separator` in front, and how many more there are.
std::string first_of(const std::vector<std::string>& paths, std::string_view separator) {
  constexpr std::size_t kShown = 10;
  std::string text;
  for (std::size_t i = 0; i < paths.size() && i < kShown; ++i)
    text += fmt::format("{}{}", separator, printable(paths[i]));
  if (paths.size() > kShown) text += fmt::format("{}and {} more", separator, paths.size() - kShown);
  return text;
}

// Whether `name` is "<module>.cpython-312.opt-1.pyc" of one of the modules; their names may have dots of their own.
bool is_bytecode_of(const std::string& name, const std::set<std::string>& modules) {
  if (!name.ends_with(".pyc")) return false;
  for (std::size_t dot = name.find('.'); dot + 4 < name.size(); dot = name.find('.', dot + 1)) {
    if (modules.contains(name.substr(0, dot))) return true;
  }
  return false;
}

class Planner {
 public:
  Planner(int environment, Contents before, Contents after, const ChangeScope& scope, const ChangeScope::Paths& others,
          const OwnCopies& own_copies)
      : environment_(environment),
        before_(std::move(before)),
        after_(std::move(after)),
        scope_(scope),
        others_(others),
        own_copies_(own_copies) {}

  PlannedChange run(const Plan& plan) {
    for (const auto& [path, expected] : after_) look_at_new(path, expected);
    for (const auto& [path, expected] : before_) {
      if (!after_.contains(path)) look_at_old(path, expected);
    }
    if (!in_the_way_.empty()) {
      throw Error(
          "changing the environment: files that are not cas's own are in the way:" + first_of(in_the_way_, "\n  "),
          "move them away, or choose another path");
    }
    if (!edited_.empty()) {
      result_.warnings.push_back("changed since they were made, and kept below .cas/kept:" + first_of(edited_, " "));
    }
    if (!obstacles_.empty()) {
      result_.warnings.push_back("in the way, and not cas's own: kept below .cas/kept:" + first_of(obstacles_, " "));
    }
    if (!left_.empty())
      result_.warnings.push_back("changed since they were made, and left alone:" + first_of(left_, " "));
    add_bytecode();
    // pyvenv.cfg makes it an environment: last.
    for (const std::string& path : placed_) {
      if (path != "pyvenv.cfg") result_.change.place.push_back(path);
    }
    if (placed_.contains("pyvenv.cfg")) result_.change.place.emplace_back("pyvenv.cfg");
    reduce(plan);
    return std::move(result_);
  }

 private:
  // lstat, having made sure that no directory on the way is a symbolic link.
  std::optional<struct stat> look(const std::string& path) {
    for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      const std::string parent = path.substr(0, slash);
      const auto known = parents_.find(parent);
      bool exists = false;
      if (known != parents_.end()) {
        exists = known->second;
      } else {
        const auto info = stat_at(environment_, parent);
        if (info && S_ISLNK(info->st_mode)) {
          throw Error(fmt::format("changing the environment: {} is a symbolic link, and nothing is written through it",
                                  printable(parent)),
                      "remove the link");
        }
        exists = info && S_ISDIR(info->st_mode);
        if (info && !exists && !before_.contains(parent)) add_obstacle(parent);
        parents_[parent] = exists;
      }
      if (!exists) return std::nullopt;
    }
    return stat_at(environment_, path);
  }

  void add_obstacle(const std::string& path) {
    const auto others = others_.lower_bound(path);
    const bool is_others = others != others_.end() && (*others == path || others->starts_with(path + "/"));
    if (!scope_.keep_obstacles || is_others) {
      in_the_way_.push_back(path);
      return;
    }
    result_.change.keep.push_back(path);
    obstacles_.push_back(path);
  }

  // Whether only directories lead to `path`: no link, no file.
  bool has_plain_parents(const std::string& path) {
    const std::string parent(parent_of(path));
    if (parent.empty()) return true;
    const auto known = plain_.find(parent);
    if (known != plain_.end()) return known->second;
    const auto info = has_plain_parents(parent) ? stat_at(environment_, parent) : std::nullopt;
    return plain_[parent] = info && S_ISDIR(info->st_mode);
  }

  // Of the old environment, and not to be made again.
  bool is_untouched(const std::string& path) const {
    return scope_.touched && !scope_.touched->contains(path) && before_.contains(path);
  }

  bool is_as_it_was_made(const std::string& path) {
    if (!has_plain_parents(path)) return false;
    const auto info = stat_at(environment_, path);
    return info && unchanged(environment_, path, *info, before_.at(path));
  }

  // Bytecode of a source that is left as its user made it: made for another one, or for none.
  bool is_bytecode_of_left(const std::string& path) {
    const std::string directory(parent_of(parent_of(path)));
    const std::string_view name = name_of(path);
    for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
      const std::string source = join_path(directory, std::string(name.substr(0, dot)) + ".py");
      if (is_untouched(source)) return !is_as_it_was_made(source);
    }
    return false;
  }

  // Whether `path` stays whatever lies there: somebody edited it, took it away, or put something else on the way to it.
  bool is_left(const std::string& path) {
    if (!scope_.touched) return false;
    const bool left =
        is_bytecode_path(path) ? is_bytecode_of_left(path) : is_untouched(path) && !is_as_it_was_made(path);
    if (left) left_as_it_is_.insert(path);
    return left;
  }

  void look_at_new(const std::string& path, const Expected& expected) {
    if (is_left(path)) return;
    const auto info = look(path);
    if (!info) {
      place(path);
      return;
    }
    const auto old = before_.find(path);
    if (S_ISDIR(info->st_mode)) {
      // Becomes free when all of the old environment's files below it go; whatever else is there is in the way.
      if (!only_old_files_below(path)) add_obstacle(path);
      placed_.insert(path);
      return;
    }
    const bool own = expected.object && is_own_copy(own_copies_, path, *expected.object);
    if (own && old != before_.end() && old->second.object == expected.object) return;
    const bool same = expected.object && unchanged(environment_, path, *info, expected) &&
                      (info->st_mode & 07777) == canonical_mode(expected.object->executable);
    if (same) return;
    if (is_bytecode_path(path)) {
      placed_.insert(path);  // Python's own, or of a plan that nobody remembers: never anybody's work
      return;
    }
    if (old == before_.end()) {
      add_obstacle(path);
    } else if (!unchanged(environment_, path, *info, old->second)) {
      result_.change.keep.push_back(path);
      edited_.push_back(path);
    }
    placed_.insert(path);
  }

  void look_at_old(const std::string& path, const Expected& expected) {
    if (is_left(path)) return;
    const auto info = look(path);
    if (!info) return;
    if (unchanged(environment_, path, *info, expected)) {
      result_.change.remove.push_back(path);
    } else if (placed_.contains(path)) {
      // A directory takes its place.
      result_.change.keep.push_back(path);
      edited_.push_back(path);
    } else if (!is_bytecode_path(path)) {
      left_.push_back(path);
    }
  }

  // What Python compiled from files that go: it would keep their directories, which could still be imported.
  void add_bytecode() {
    std::map<std::string, std::set<std::string>> modules;  // directory -> names without ".py"
    for (const std::string& path : result_.change.remove) {
      if (path.ends_with(".py")) {
        const std::string_view name = name_of(path);
        modules[std::string(parent_of(path))].emplace(name.substr(0, name.size() - 3));
      }
    }
    const std::set<std::string> removed(result_.change.remove.begin(), result_.change.remove.end());
    for (const auto& module : modules) {
      const std::set<std::string>& names = module.second;
      const std::string cache = join_path(module.first, "__pycache__");
      const Fd fd = try_open_directory_at(environment_, cache);
      if (!fd) continue;
      list_directory(fd.get(), cache, [&](const std::string& name, unsigned char) {
        const std::string path = join_path(cache, name);
        if (is_bytecode_of(name, names) && !removed.contains(path) && !after_.contains(path)) {
          result_.change.remove.push_back(path);
        }
      });
    }
  }

  // And at least one: nobody removes a directory that is empty already.
  bool only_old_files_below(const std::string& directory) {
    bool only = true;
    bool any = false;
    const Fd fd = open_directory_at(environment_, directory);
    list_directory(fd.get(), directory, [&](const std::string& name, unsigned char) {
      const std::string path = directory + "/" + name;
      const auto info = stat_at(environment_, path);
      if (!info) return;
      any = true;
      if (S_ISDIR(info->st_mode)) {
        only = only && only_old_files_below(path);
      } else {
        const auto old = before_.find(path);
        only = only && old != before_.end() && unchanged(environment_, path, *info, old->second);
      }
    });
    return only && any;
  }

  // The topmost directory that does not exist yet is placed as a whole.
  void place(const std::string& path) {
    for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      const std::string parent = path.substr(0, slash);
      const auto known = parents_.find(parent);
      if (known != parents_.end() && known->second) continue;
      placed_.insert(parent);
      return;
    }
    placed_.insert(path);
  }

  bool is_placed(const std::string& path) const {
    if (placed_.contains(path)) return true;
    for (std::string_view parent = parent_of(path); !parent.empty(); parent = parent_of(parent)) {
      if (placed_.contains(std::string(parent))) return true;
    }
    return false;
  }

  // Leaves in the plan what is placed; scripts and RECORDs are always made again.
  void reduce(const Plan& plan) {
    result_.plan = plan;
    const auto stays = [&](const auto& file) {
      const std::string path = join_path(plan.directories[file.directory], file.name);
      return !is_placed(path) || left_as_it_is_.contains(path);
    };
    std::erase_if(result_.plan.files, stays);
    std::erase_if(result_.plan.empty_files, stays);
    std::erase_if(result_.plan.links, stays);
  }

  int environment_;
  Contents before_;
  Contents after_;
  const ChangeScope& scope_;
  const ChangeScope::Paths& others_;  // files of other tools' packages
  const OwnCopies& own_copies_;
  std::map<std::string, bool> parents_;  // directory -> exists
  std::map<std::string, bool> plain_;    // directory -> is one, and so is everything on the way to it
  std::set<std::string> placed_;
  std::set<std::string> left_as_it_is_;
  std::vector<std::string> in_the_way_, obstacles_, edited_, left_;
  PlannedChange result_;
};

}  // namespace

PlannedChange plan_change(int environment, const std::optional<Plan>& before, const Plan& after,
                          const std::vector<std::string>& old_own_files, const std::vector<std::string>& own_files,
                          const std::vector<WrittenText>& old_texts,
                          const std::set<std::string, std::less<>>& others_files, const ChangeScope& scope,
                          const OwnCopies& own_copies) {
  Contents contents = before ? contents_of(*before, old_own_files, old_texts) : Contents{};
  Contents wanted = contents_of(after, own_files, {});
  for (const std::string& path : others_files) {
    if (!wanted.contains(path)) contents.erase(path);
  }
  return Planner(environment, std::move(contents), std::move(wanted), scope, others_files, own_copies).run(after);
}

Differences find_differences(int environment, const Plan& plan, const std::vector<std::string>& own_files,
                             const std::vector<WrittenText>& texts) {
  Contents contents = contents_of(plan, own_files, texts);
  Differences differences;
  walk_tree(environment, [&](const std::string& path, const struct stat& info) {
    if (S_ISDIR(info.st_mode) || path.starts_with(std::string(kAnchorDirectory) + "/")) return;
    const auto made = contents.find(path);
    if (made == contents.end()) {
      if (!is_bytecode_path(path)) differences.added.push_back(path);
      return;
    }
    if (!is_bytecode_path(path) && !unchanged(environment, path, info, made->second)) {
      differences.edited.push_back(path);
    }
    contents.erase(made);
  });
  for (const std::string& path : own_markers(environment)) std::erase(differences.added, path);
  for (const auto& [path, expected] : contents) {
    if (!is_bytecode_path(path)) differences.missing.push_back(path);
  }
  std::ranges::sort(differences.added);
  std::ranges::sort(differences.edited);
  return differences;
}

}  // namespace cas
