#include "linker/diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

#include "linker/activation/activation.hpp"
#include "linker/environment_others.hpp"
#include "linker/environment_plan.hpp"
#include "linker/environment_request.hpp"
#include "linker/inode_holders.hpp"
#include "linker/own_copies.hpp"
#include "linker/plan_bytecode.hpp"
#include "linker/plan_paths.hpp"
#include "linker/plan_restoration.hpp"
#include "linker/python/capture.hpp"
#include "linker/pyvenv_cfg.hpp"
#include "linker/recorded_files.hpp"
#include "store/base/relpath.hpp"
#include "store/damage.hpp"
#include "store/lost_interpreters.hpp"
#include "store/object_check.hpp"
#include "store/object_repair.hpp"
#include "store/object_users.hpp"
#include "store/objects/layout.hpp"
#include "store/packages/packages.hpp"
#include "store/quarantine.hpp"
#include "store/roots.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

constexpr std::string_view kDistInfo = ".dist-info";
constexpr std::size_t kMostScript = 64 * 1024;
constexpr const char* kOtherPython =
    "install it again, or `cas upgrade ENV -p PYTHON` moves the environment to another";
constexpr const char* kLostPython =
    "`cas repair` or `cas doctor --fix` makes it again from the store's own files, `cas python add` with the Python "
    "that it was captured "
    "from captures it anew";
constexpr const char* kRemovedPython =
    "`cas python add` with the Python that it was captured from brings it back, `cas upgrade ENV -p PYTHON` moves the "
    "environment to "
    "another";

class Diagnosis {
 public:
  Diagnosis(const Store& store, const std::string& path, PlacedDepth depth)
      : store_(store),
        path_(absolute_path(path)),
        depth_(depth),
        anchor_(find_root(store, path_).anchor),
        root_(open_directory(path_)) {}

  std::vector<Finding> run() {
    look_at_place();
    if (stat_at(root_.get(), ".cas/journal")) look_at_journal();
    look_at_interpreter();
    look_at_packages();
    look_at_own_copies();
    look_at_files(find_plan_or_rest());
    look_at_the_rest();
    name_packages();
    name_users();
    std::ranges::stable_sort(
        findings_, [](const Finding& a, const Finding& b) { return a.fault != b.fault ? a.fault : a.path < b.path; });
    return std::move(findings_);
  }

 private:
  void fault(FindingKind kind, std::string path, std::string detail) {
    findings_.push_back({kind, std::move(path), std::move(detail), true});
  }
  void note(FindingKind kind, std::string path, std::string detail) {
    findings_.push_back({kind, std::move(path), std::move(detail), false});
  }
  // Of a file that was placed. What belongs to packages that are no longer cas's is not looked at.
  void file_fault(FindingKind kind, const std::string& path, std::string detail) {
    if (!given_up_.contains(path)) fault(kind, path, std::move(detail));
  }

  Plan find_plan_or_rest() {
    SilentProgress silent;
    const std::string unknown = restore_plan(store_, anchor_, path_, silent);
    RestOfPlan rest = plan_of_what_is_left(store_, anchor_);
    for (const std::size_t i : rest.missing) {
      const AnchoredPackage& package = anchor_.packages[i];
      missing_.insert(normalize_name(package.name));
      fault(
          FindingKind::missing_package, {},
          fmt::format("{} {}: the store does not have it (any more), so its files could not be checked; `cas repair`, "
                      "or `cas add` with its wheel, brings it back",
                      printable(package.name), printable(package.version)));
    }
    if (!unknown.empty() && rest.missing.empty()) {
      fault(
          FindingKind::unchecked, {},
          fmt::format("which bytecode and RECORDs were placed is not known any more, so they could not be checked: {}; "
                      "`cas repair`, or `cas doctor --fix`, places them anew",
                      unknown));
    }
    return std::move(rest.plan);
  }

  void look_at_place() {
    if (anchor_.target == path_) return;
    const std::string was = "it was made at " + printable(anchor_.target);
    // Its scripts find their interpreter beside themselves.
    if (anchor_.relocatable) return note(FindingKind::moved, {}, was + ", and works here, too");
    fault(FindingKind::moved, {}, fmt::format("{}; `cas move {}` makes it fit", was, printable(path_)));
  }

  // The half-made environment is neither the old nor the new one, so what follows of it need not be anybody's fault.
  void look_at_journal() {
    fault(FindingKind::interrupted, ".cas/journal",
          "says what is left of a change that was interrupted, and of which half may be done; --fix finishes it");
  }

  void look_at_interpreter() {
    const std::string python = anchor_.scripts + "/python";
    const std::string interpreter = printable(anchor_.interpreter);
    const bool there = leads_to_file(anchor_.interpreter);
    const bool own = anchor_.base == base_kind_name(BaseKind::standalone);
    if (!stat_at(root_.get(), python)) {
      known_.insert(python);
      if (there || own) {
        fault(FindingKind::missing, python,
              own ? "is gone" : fmt::format("is gone; the interpreter {} is there", interpreter));
      } else {
        fault(FindingKind::interpreter_missing, python,
              fmt::format("is gone, and so is its interpreter, {}; {}", interpreter, remedy_of_interpreter()));
      }
    } else if (!leads_to_file(path_ + "/" + python)) {
      const std::string aim = printable(read_symlink_at(root_.get(), python).value_or(""));
      fault(FindingKind::interpreter_missing, python,
            there && !own ? fmt::format("leads to {}, which is not there; its interpreter, {}, is", aim, interpreter)
                          : fmt::format("leads nowhere: its interpreter, {}, is gone; {}", own ? aim : interpreter,
                                        own ? "`cas doctor --fix` puts it right" : remedy_of_interpreter()));
    }
    const auto captured = captured_at_path(store_, anchor_.interpreter);
    if (captured && is_outdated(*captured)) {
      note(FindingKind::interpreter_outdated, {}, printable(captured->origin) + " has changed since it was captured");
    }
    look_at_tree(captured);
  }

  [[nodiscard]] const char* remedy_of_interpreter() const {
    if (anchor_.base != base_kind_name(BaseKind::store)) return kOtherPython;
    return lost_interpreter_of(store_, anchor_) ? kLostPython : kRemovedPython;
  }

  // The store's own interpreter, on which others stand, too.
  void look_at_tree(const std::optional<StoredInterpreter>& captured) {
    if (anchor_.base != base_kind_name(BaseKind::store)) return;
    if (!captured) {
      const std::string tree(parent_of(parent_of(anchor_.interpreter)));
      if (!stat_path(tree)) return;  // its interpreter is missing, as was said
      return fault(
          FindingKind::edited, tree + "/" + kInterpreterRecord,
          "the record of its interpreter is damaged; `cas python add` with the Python that it was captured from makes "
          "it anew");
    }
    const std::string tree = store_.layout().interpreter(captured->name);
    for (const TreeProblem& problem : tree_problems(store_, *captured)) {
      fault(problem.missing ? FindingKind::missing : FindingKind::edited, tree + "/" + problem.path,
            fmt::format("of its captured interpreter {}; {}`cas repair` or `cas python add {}` puts it right",
                        problem.missing ? "is gone" : "was changed",
                        is_object_sound(*captured, problem.path) ? "`cas doctor --fix`, " : "",
                        printable(captured->origin)));
    }
  }

  // Whether the store has what lay there: else there is nothing to link anew.
  bool is_object_sound(const StoredInterpreter& captured, const std::string& path) {
    if (!tree_manifest_) {
      const auto package = find_package(store_.index(), captured.artifact);
      tree_manifest_ = package ? read_manifest(store_.layout(), package->row.manifest) : Manifest{};
    }
    const auto file = std::ranges::find(tree_manifest_->files, path, &PackageFile::path);
    if (file == tree_manifest_->files.end()) return false;
    if (file->size == 0 || file->kind == FileKind::symlink) return true;
    return find_object(store_, file->object) && object_damage(store_, file->object).empty();
  }

  // What cas writes and users seldom touch; prompt and system packages are theirs to choose.
  void look_at_configuration() {
    if (!stat_at(root_.get(), "pyvenv.cfg")) return;  // said to be missing
    const auto text = read_pyvenv_cfg(root_.get());
    if (!text) return fault(FindingKind::edited, "pyvenv.cfg", "cannot be read as Python's configuration");
    const std::string home = configured_home(anchor_);
    if (names_other_interpreter(*text, home, anchor_.python_version)) {
      fault(FindingKind::edited, "pyvenv.cfg", "does not name the environment's interpreter");
    }
  }

  // For those who have to add it again.
  void name_packages() {
    const auto is_file = [&](const Finding& finding) {
      return (finding.kind == FindingKind::missing || finding.kind == FindingKind::edited ||
              finding.kind == FindingKind::changed_in_place) &&
             known_.contains(finding.path);
    };
    if (std::ranges::none_of(findings_, is_file)) return;
    std::map<std::string, std::string, std::less<>> owners;
    for (std::size_t i = 0; i < anchor_.packages.size(); ++i) {
      const auto package = find_package(store_.index(), anchor_.packages[i].artifact);
      if (!package) continue;
      const std::string label =
          fmt::format("{} {}, {}", package->row.name, package->row.version, package->row.file_name);
      for (const std::string& path : paths_of_packages(store_, anchor_, {i})) owners[path] = label;
    }
    for (Finding& finding : findings_) {
      const auto owner = is_file(finding) ? owners.find(finding.path) : owners.end();
      if (owner != owners.end()) finding.detail += fmt::format(" ({})", owner->second);
    }
  }

  // What other tools made of ours: one finding each, and their files are no longer ours.
  void look_at_packages() {
    others_ = look_at_others(store_, anchor_, path_);
    if (others_.taken_over.empty()) return;
    std::vector<std::size_t> taken;
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < anchor_.packages.size(); ++i) (is_taken_over(others_, i) ? taken : kept).push_back(i);
    given_up_ = paths_of_packages(store_, anchor_, taken);
    for (const std::string& path : paths_of_packages(store_, anchor_, kept)) given_up_.erase(path);
    for (const TakenOver& one : others_.taken_over) {
      const AnchoredPackage& package = anchor_.packages[one.package];
      const std::string name = printable(package.name);
      if (one.now.empty()) {
        note(FindingKind::removed_package, {},
             fmt::format("{}: {} was removed by another tool", name, package.version));
      } else if (one.now.front() == package.version) {
        note(FindingKind::replaced_package, {},
             fmt::format("{}: {} was installed again by another tool", name, package.version));
      } else {
        note(FindingKind::replaced_package, {},
             fmt::format("{}: {} was replaced by {} by another tool", name, package.version,
                         printable(one.now.front())));
      }
      replaced_.insert(normalize_name(package.name));
    }
  }

  // Nothing is done through a link, so whatever lies behind one is not looked after any more.
  void look_at_directories(const Plan& plan) {
    std::set<std::string, std::less<>> directories;
    for (std::string_view directory : plan.directories) {
      for (; !directory.empty(); directory = parent_of(directory)) directories.emplace(directory);
    }
    for (const std::string& directory : directories) {
      const auto info = stat_at(root_.get(), directory);
      if (!info || !S_ISLNK(info->st_mode)) continue;
      known_.insert(directory);
      fault(
          FindingKind::edited, directory,
          "is a symbolic link, and was a directory: cas changes nothing behind it; move what it leads to in its place");
    }
  }

  void look_at_files(const Plan& plan) {
    look_at_directories(plan);
    for (const PlanFile& file : plan.files) {
      look_at_file(join_path(plan.directories[file.directory], file.name), file.object, file.size);
    }
    for (const PlanEmptyFile& file : plan.empty_files) {
      look_at_file(join_path(plan.directories[file.directory], file.name), {empty_digest(), file.executable}, 0);
    }
    for (const PlanLink& link : plan.links) expect(join_path(plan.directories[link.directory], link.name));
    for (const WrittenText& written : texts_before(store_, anchor_, plan)) {
      if (!expect(written.path) || written.text.empty()) continue;
      if (!holds(written.path, written.text)) {
        file_fault(FindingKind::edited, written.path, "its text is not what was written");
      }
    }
    for (const std::string& own : own_files_before(anchor_)) {
      known_.insert(own);
      const auto info = stat_at(root_.get(), own);
      const bool optional = own == "lib64" || own.ends_with(".ps1");
      // Looked at above.
      if (own == anchor_.scripts + "/python") continue;
      if (!info && !optional) fault(FindingKind::missing, own, "is gone");
      const auto names = activation_script_names();
      if (!info || std::ranges::find(names, name_of(own)) == names.end()) continue;
      const bool readable = S_ISREG(info->st_mode) && static_cast<std::size_t>(info->st_size) <= kMostScript;
      if (!readable || !is_unedited_activation_script(try_read_file_at(root_.get(), own, kMostScript).value_or(""))) {
        fault(FindingKind::edited, own, "its text is not what was written");
      }
    }
    look_at_configuration();
    for (const char* own : {".gitignore", "CACHEDIR.TAG"}) known_.insert(own);
  }

  bool holds(const std::string& path, const std::string& text) {
    const auto info = stat_at(root_.get(), path);
    if (!info || !S_ISREG(info->st_mode) || static_cast<std::size_t>(info->st_size) != text.size()) return false;
    return try_read_file_at(root_.get(), path, text.size()) == text;
  }

  // false: it is not there.
  bool expect(const std::string& path) {
    const bool looked_at = !known_.insert(path).second;
    if (stat_at(root_.get(), path)) return true;
    if (!looked_at) file_fault(FindingKind::missing, path, "is gone");
    return false;
  }

  // The store's file may be the very one that was changed: name_users() says so.
  void file_fault(FindingKind kind, const std::string& path, std::string detail, const ObjectId& object) {
    if (given_up_.contains(path)) return;
    placed_from_[path] = object;
    fault(kind, path, std::move(detail));
  }

  void look_at_own_copies() {
    try {
      own_copies_ = read_own_copies(root_.get());
    } catch (const Corruption& error) {
      fault(FindingKind::edited, ".cas/own", error.message() + "; " + error.hint());
    }
  }

  void look_at_file(const std::string& path, const ObjectId& object, std::uint64_t size) {
    const bool looked_at = !known_.insert(path).second;
    const bool bytecode = is_bytecode_path(path);
    const PlacedLook look = look_at_placed_file(root_.get(), path, object, size, store_.ownership(), depth_);
    // Noted, but a link still: whoever wanted it unshared was stopped.
    const bool own = look.info && look.info->st_nlink == 1;
    if (own && is_own_copy(own_copies_, path, object)) {
      return note(FindingKind::own_copy, path, "is the environment's own");
    }
    switch (look.state) {
      case PlacedState::right:
        return;
      case PlacedState::missing:
        // Python makes bytecode again, for the source that lies there.
        if (!bytecode && !looked_at) file_fault(FindingKind::missing, path, "is gone", object);
        return;
      case PlacedState::edited:
        if (!bytecode) file_fault(FindingKind::edited, path, look.detail, object);
        return;
      case PlacedState::changed_in_place:
        file_fault(FindingKind::changed_in_place, path, look.detail, object);
    }
  }

  // Whether the store's objects are damaged, what brings them back, and who sees a change through the same inode. All at once: after a
  // `chown -R` these are thousands.
  void name_users() {
    std::unordered_set<ObjectId> objects;
    for (const auto& [path, object] : placed_from_) objects.insert(object);
    const auto users = users_of_objects(store_, objects);
    for (Finding& finding : findings_) {
      const auto object = placed_from_.find(finding.path);
      if (object == placed_from_.end()) continue;
      const ObjectUsers& user = users.at(object->second);
      const std::string damage = object_damage(store_, object->second);
      if (!damage.empty()) {
        finding.detail +=
            fmt::format("; its object in the store is damaged, too ({}): {}", damage, object_remedy(store_, user));
      }
      if (finding.kind != FindingKind::changed_in_place) continue;
      const auto info = stat_at(root_.get(), finding.path);
      if (!info) continue;
      if (damage.empty() && is_the_stores(object->second, *info)) {
        finding.detail +=
            "; its object in the store is the same file: `cas repair --contents` brings back the right one";
      }
      std::string others;
      for (const std::string& environment : environments_sharing(
               store_, user.environments, anchor_.target, anchor_.site_packages, finding.path, inode_of(*info))) {
        others += (others.empty() ? "" : ", ") + printable(environment);
      }
      if (!others.empty()) finding.detail += "; shared with " + others;
    }
  }

  bool is_the_stores(const ObjectId& object, const struct stat& info) {
    const auto row = find_object(store_, object);
    const auto own = row ? stat_path(store_.layout().object(row->segment, object)) : std::nullopt;
    return own && inode_of(*own) == inode_of(info);
  }

  void look_at_link(const std::string& path) {
    if (leads_to_file(path_ + "/" + path) || path.starts_with(anchor_.scripts + "/python")) return;
    if (known_.contains(path)) return fault(FindingKind::dangling_link, path, "leads nowhere");
    note(FindingKind::dangling_link, path, "leads nowhere; cas did not place it");
    known_.insert(path);
  }

  // Of a package that another tool installed: nobody else knows what it consists of.
  void look_at_record(const std::string& info) {
    const RecordDepth depth = depth_ == PlacedDepth::contents ? RecordDepth::contents : RecordDepth::metadata;
    for (const RecordMismatch& wrong : check_recorded_files(root_.get(), anchor_.site_packages, info, depth)) {
      note(wrong.missing ? FindingKind::missing : FindingKind::edited, wrong.path,
           fmt::format("{} ({})", wrong.what, info));
    }
  }

  // A file of a package that was forgotten because nobody had a good copy.
  void look_at_quarantined(const std::string& path, const struct stat& info) {
    if (!quarantined_.contains(inode_of(info))) return;
    known_.insert(path);
    fault(FindingKind::changed_in_place, path, "is the damaged file that the store has no good copy of; `cas repair`");
  }

  void look_at_the_rest() {
    for (const QuarantinedFile& file : list_quarantine(store_)) quarantined_.insert(inode_of(file.info));
    std::set<std::string> packages;
    std::map<std::string, std::vector<std::string>> foreign;  // by directory
    walk_tree(root_.get(), [&](const std::string& path, const struct stat& info) {
      if (path == kAnchorDirectory || path.starts_with(std::string(kAnchorDirectory) + "/")) return;
      if (S_ISLNK(info.st_mode)) look_at_link(path);
      if (S_ISREG(info.st_mode) && !known_.contains(path)) look_at_quarantined(path, info);
      if (S_ISDIR(info.st_mode) || known_.contains(path) || is_bytecode_path(path)) return;
      const std::string parent(parent_of(path));
      if (parent.ends_with(kDistInfo) && parent_of(parent) == anchor_.site_packages && name_of(path) == "METADATA") {
        packages.insert(std::string(name_of(parent)));
      }
      if (!others_.files.contains(path)) foreign[parent].push_back(path);
    });
    for (const std::string& package : packages) look_at_record(package);
    for (const std::string& package : packages) {
      if (missing_.contains(normalize_name(package.substr(0, package.find('-'))))) continue;
      if (replaced_.contains(normalize_name(package.substr(0, package.find('-'))))) continue;
      note(FindingKind::other_package, anchor_.site_packages + "/" + package, "was installed by another tool");
    }
    for (const auto& [directory, files] : foreign) {
      if (packages.contains(std::string(name_of(directory)))) continue;
      if (files.size() == 1) {
        note(FindingKind::foreign, files.front(), "was not placed by cas");
      } else {
        note(FindingKind::foreign, directory.empty() ? "." : directory,
             fmt::format("holds {} files that cas did not place", files.size()));
      }
    }
  }

  const Store& store_;
  std::string path_;
  PlacedDepth depth_;
  Anchor anchor_;
  Fd root_;
  OthersWork others_;
  std::optional<Manifest> tree_manifest_;        // of its captured interpreter
  std::set<std::string, std::less<>> given_up_;  // files of packages that other tools took over
  std::set<std::string> missing_;                // normalized names of packages that the store does not have
  std::set<InodeId> quarantined_;
  std::set<std::string> replaced_;  // normalized names of these packages
  std::set<std::string, std::less<>> known_;
  OwnCopies own_copies_;
  std::map<std::string, ObjectId, std::less<>> placed_from_;  // of files with a fault
  std::vector<Finding> findings_;
};

}  // namespace

std::string_view finding_word(FindingKind kind) {
  switch (kind) {
    case FindingKind::moved:
      return "moved";
    case FindingKind::interrupted:
      return "interrupted";
    case FindingKind::interpreter_missing:
      return "interpreter-missing";
    case FindingKind::interpreter_outdated:
      return "interpreter-outdated";
    case FindingKind::missing:
      return "missing";
    case FindingKind::edited:
      return "edited";
    case FindingKind::changed_in_place:
      return "changed-in-place";
    case FindingKind::own_copy:
      return "own-copy";
    case FindingKind::dangling_link:
      return "dangling-link";
    case FindingKind::missing_package:
      return "missing-package";
    case FindingKind::unchecked:
      return "unchecked";
    case FindingKind::replaced_package:
      return "replaced-package";
    case FindingKind::removed_package:
      return "removed-package";
    case FindingKind::other_package:
      return "other-package";
    case FindingKind::foreign:
      return "foreign";
  }
  return "unknown";
}

std::vector<Finding> diagnose_environment(const Store& store, const std::string& path, PlacedDepth depth) {
  return Diagnosis(store, path, depth).run();
}

}  // namespace cas
