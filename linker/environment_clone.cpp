#include "linker/environment_clone.hpp"

#include <algorithm>
#include <set>

#include "linker/change_planning.hpp"
#include "linker/environment_reproduction.hpp"
#include "linker/relocation.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/history.hpp"
#include "store/sys/file.hpp"
#include "store/sys/link.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

constexpr std::string_view kDistInfo = ".dist-info";

// Of those that are not cas's, or are another version than cas's, by their METADATA.
std::vector<std::string> other_packages(const Differences& differences, const std::string& site_packages) {
  std::vector<std::string> packages;
  for (const std::string& path : differences.added) {
    if (name_of(path) != "METADATA" || !parent_of(path).ends_with(kDistInfo)) continue;
    if (parent_of(parent_of(path)) != site_packages) continue;
    std::string_view name = name_of(parent_of(path));
    name.remove_suffix(kDistInfo.size());
    const std::size_t dash = name.find('-');
    packages.emplace_back(name.substr(0, dash));
    if (dash != std::string_view::npos) packages.back().append(" ").append(name.substr(dash + 1));
  }
  return packages;
}

void make_parents(int root, const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    try_make_directory_at(root, path.substr(0, slash), 0777);
  }
}

// Copies what the user added and edited into the clone that is being made, and removes what he removed.
class ChangesCopy {
 public:
  ChangesCopy(const std::string& source, int from, const std::string& target, int to)
      : source_(source), from_(from), target_(target), to_(to) {}

  void run(const Differences& differences) {
    for (const std::string& path : differences.missing) remove_file_at(to_, path);
    for (const auto* paths : {&differences.added, &differences.edited}) {
      for (const std::string& path : *paths) copy(path);
    }
  }

 private:
  void copy(const std::string& path) {
    const auto info = stat_at(from_, path);
    if (!info) return;  // removed meanwhile
    make_parents(to_, path);
    remove_tree_at(to_, path);  // what was a directory when it was made may be a link or a file now
    if (S_ISLNK(info->st_mode)) {
      std::string aim = read_symlink_at(from_, path).value_or("");
      // An absolute link into the environment means the clone's own file.
      if (aim.starts_with(source_ + "/")) aim.replace(0, source_.size(), target_);
      make_symlink_at(aim, to_, path);
    } else if (S_ISREG(info->st_mode)) {
      const Fd file = open_read_at(from_, path, source_ + "/" + path);
      const mode_t mode = info->st_mode & 0777;
      const std::int64_t time = info->st_mtim.tv_sec;
      if (clone_file(file.get(), to_, path.c_str(), mode, time) == LinkOutcome::unsupported) {
        static_cast<void>(copy_file(file.get(), to_, path.c_str(), mode, time, target_ + "/" + path));
      }
    } else {
      throw Error(source_ + "/" + printable(path) + " is neither a file nor a link, and cannot be copied", "remove it");
    }
  }

  const std::string& source_;
  int from_;
  const std::string& target_;
  int to_;
};

// Nothing is written through a link of the user's: it leads out of the clone, or to the source.
bool leads_through_link(int root, const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const auto info = stat_at(root, path.substr(0, slash));
    if (info && S_ISLNK(info->st_mode)) return true;
  }
  return false;
}

void relocate_copies(const Store& store, int root, const Anchor& anchor, const std::string& source,
                     const std::string& target) {
  for (const RelocatedFile& file : relocated_files(store, root, anchor, {anchor.target, source}, target)) {
    if (leads_through_link(root, file.path)) continue;
    remove_file_at(root, file.path);
    const Fd fd = create_file_at(root, file.path, file.mode);
    write_all(fd.get(), file.text, file.path);
  }
}

}  // namespace

CloneResult clone_environment(const Store& store, const std::string& source, const std::string& path,
                              const CloneOptions& options, Progress& progress) {
  CloneResult result;
  result.source = resolve_target(source);
  const std::string target = resolve_target(path);
  if (stat_path(target)) throw UsageError(target + " exists", "choose another path");
  refuse_place(store, target);
  if (target.starts_with(result.source + "/")) throw UsageError(target + " lies in the environment itself");

  recover_environment(store, result.source);
  const Anchor anchor = find_root(store, result.source).anchor;
  Reproduction made_of = reproduce(store, anchor, result.source);
  if (!options.keep_prompt) made_of.options.prompt.reset();
  made_of.options.threads = options.threads;
  made_of.options.command = "clone";

  const Fd directory = open_directory(result.source);
  const Plan plan = plan_of_anchor(store, anchor);
  const Differences differences =
      find_differences(directory.get(), plan, own_files_before(anchor), texts_before(store, anchor, plan));
  result.added = differences.added.size();
  result.edited = differences.edited.size();
  result.missing = differences.missing.size();
  result.other_packages = other_packages(differences, anchor.site_packages);
  result.changes_cloned = options.with_changes;

  EnvironmentRequest request{store, made_of.options,  target, made_of.facts, made_of.base, {},
                             {},    made_of.packages, {},     progress};
  request.own_interpreter = made_of.own_interpreter;
  request.plan_options = made_of.plan_options;
  request.id = options.id;
  if (options.takes_history) {
    settle_history(store, anchor);
    request.same_as = anchor;
  }
  if (options.with_changes) {
    request.complete = [&](int root) {
      ChangesCopy(result.source, directory.get(), target, root).run(differences);
      relocate_copies(store, root, anchor, result.source, target);
    };
  }
  auto created = build_environment(request);
  if (!created) {
    throw Corruption("a package of " + result.source + " is not in the store", "add its wheel again with `cas add`");
  }
  result.created = std::move(*created);
  return result;
}

}  // namespace cas
