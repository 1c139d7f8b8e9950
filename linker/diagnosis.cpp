#include "linker/diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/filesystem.hpp>
#include <map>
#include <set>

#include "linker/activation/activation.hpp"
#include "linker/environment_plan.hpp"
#include "linker/environment_request.hpp"
#include "linker/plan_bytecode.hpp"
#include "linker/plan_paths.hpp"
#include "linker/python/capture.hpp"
#include "store/base/relpath.hpp"
#include "store/objects/layout.hpp"
#include "store/roots.hpp"
#include "store/sys/file.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

constexpr std::string_view kDistInfo = ".dist-info";
constexpr std::size_t kMostScript = 64 * 1024;

class Diagnosis {
 public:
  Diagnosis(const Store& store, const std::string& path)
      : store_(store),
        path_(absolute_path(path)),
        anchor_(find_root(store, path_).anchor),
        root_(open_directory(path_)) {}

  std::vector<Finding> run() {
    if (anchor_.target != path_) add(FindingKind::moved, {}, "it was made at " + printable(anchor_.target));
    if (stat_at(root_.get(), ".cas/journal")) add(FindingKind::interrupted, {}, "a change of it was interrupted");
    look_at_interpreter();
    look_at_files(plan_of_anchor(store_, anchor_));
    look_at_the_rest();
    std::ranges::stable_sort(findings_, [](const Finding& a, const Finding& b) {
      if (is_fault(a.kind) != is_fault(b.kind)) return is_fault(a.kind);
      return a.path < b.path;
    });
    return std::move(findings_);
  }

 private:
  void add(FindingKind kind, std::string path, std::string detail) {
    findings_.push_back({kind, std::move(path), std::move(detail)});
  }

  void look_at_interpreter() {
    boost::system::error_code error;
    const std::string python = anchor_.scripts + "/python";
    if (!boost::filesystem::exists(path_ + "/" + python, error)) {
      add(FindingKind::interpreter_missing, python, "its interpreter, " + printable(anchor_.interpreter) + ", is gone");
    }
    const auto captured = captured_at_path(store_, anchor_.interpreter);
    if (captured && is_outdated(*captured)) {
      add(FindingKind::interpreter_outdated, {}, printable(captured->origin) + " has changed since it was captured");
    }
  }

  void look_at_files(const Plan& plan) {
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
        add(FindingKind::edited, written.path, "its text is not what was written");
      }
    }
    for (const std::string& own : own_files_before(anchor_)) {
      known_.insert(own);
      const auto info = stat_at(root_.get(), own);
      const bool optional = own == "lib64" || own.ends_with(".ps1");
      if (!info && !optional) add(FindingKind::missing, own, "is gone");
      const auto names = activation_script_names();
      if (!info || std::ranges::find(names, name_of(own)) == names.end()) continue;
      const bool readable = S_ISREG(info->st_mode) && static_cast<std::size_t>(info->st_size) <= kMostScript;
      if (!readable || !is_unedited_activation_script(try_read_file_at(root_.get(), own, kMostScript).value_or(""))) {
        add(FindingKind::edited, own, "its text is not what was written");
      }
    }
    for (const char* own : {".gitignore", "CACHEDIR.TAG"}) known_.insert(own);
  }

  bool holds(const std::string& path, const std::string& text) {
    const auto info = stat_at(root_.get(), path);
    if (!info || !S_ISREG(info->st_mode) || static_cast<std::size_t>(info->st_size) != text.size()) return false;
    return try_read_file_at(root_.get(), path, text.size()) == text;
  }

  // false: it is not there.
  bool expect(const std::string& path) {
    known_.insert(path);
    if (stat_at(root_.get(), path)) return true;
    add(FindingKind::missing, path, "is gone");
    return false;
  }

  void look_at_file(const std::string& path, const ObjectId& object, std::uint64_t size) {
    known_.insert(path);
    const auto info = stat_at(root_.get(), path);
    // Python makes it again, for the source that lies there.
    if (is_bytecode_path(path)) return;
    if (!info) return add(FindingKind::missing, path, "is gone");
    if (!S_ISREG(info->st_mode)) return add(FindingKind::edited, path, "is no regular file any more");
    if (static_cast<std::uint64_t>(info->st_size) != size) {
      return add(FindingKind::edited, path, fmt::format("has {} bytes, was placed with {}", info->st_size, size));
    }
    if (info->st_mtim.tv_sec != canonical_mtime(object.digest)) {
      return add(FindingKind::edited, path, "was written to since it was placed");
    }
    if ((info->st_mode & 07777) != canonical_mode(object.executable)) {
      add(FindingKind::edited, path,
          fmt::format("has mode {:04o}, was placed with {:04o}", info->st_mode & 07777,
                      canonical_mode(object.executable)));
    }
  }

  void look_at_the_rest() {
    std::set<std::string> packages;
    std::map<std::string, std::uint64_t> foreign;  // by directory
    walk_tree(root_.get(), [&](const std::string& path, const struct stat& info) {
      if (path == kAnchorDirectory || path.starts_with(std::string(kAnchorDirectory) + "/")) return;
      if (S_ISLNK(info.st_mode)) {
        boost::system::error_code error;
        if (!boost::filesystem::exists(path_ + "/" + path, error) && path != anchor_.scripts + "/python" &&
            !path.starts_with(anchor_.scripts + "/python")) {
          add(FindingKind::dangling_link, path, "leads nowhere");
        }
      }
      if (S_ISDIR(info.st_mode) || known_.contains(path) || is_bytecode_path(path)) return;
      const std::string parent(parent_of(path));
      if (parent.ends_with(kDistInfo) && parent_of(parent) == anchor_.site_packages && name_of(path) == "METADATA") {
        packages.insert(std::string(name_of(parent)));
      }
      ++foreign[parent];
    });
    for (const std::string& package : packages) {
      add(FindingKind::other_package, anchor_.site_packages + "/" + package, "was installed by another tool");
    }
    for (const auto& [directory, count] : foreign) {
      if (packages.contains(std::string(name_of(directory)))) continue;
      add(FindingKind::foreign, directory,
          fmt::format("holds {} that cas did not place", count == 1 ? "a file" : fmt::format("{} files", count)));
    }
  }

  const Store& store_;
  std::string path_;
  Anchor anchor_;
  Fd root_;
  std::set<std::string, std::less<>> known_;
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
    case FindingKind::dangling_link:
      return "dangling-link";
    case FindingKind::other_package:
      return "other-package";
    case FindingKind::foreign:
      return "foreign";
  }
  return "unknown";
}

bool is_fault(FindingKind kind) {
  return kind != FindingKind::interpreter_outdated && kind != FindingKind::other_package &&
         kind != FindingKind::foreign;
}

std::vector<Finding> diagnose_environment(const Store& store, const std::string& path) {
  return Diagnosis(store, path).run();
}

}  // namespace cas
