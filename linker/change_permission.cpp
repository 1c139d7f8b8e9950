#include "linker/change_permission.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <system_error>
#include <vector>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/roots.hpp"
#include "store/sys/access.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

class Inspection {
 public:
  Inspection(int environment, const std::string& path) : environment_(environment), root_(stat_fd(environment, path)) {}

  // An entry is made at `path`, and what is there gives way.
  void look_at_made(const std::string& path) {
    std::string directory(parent_of(path));
    // What is not there yet is made, too.
    while (!directory.empty() && !stat_at(environment_, directory)) directory = parent_of(directory);
    look_at_directory(directory);
    look_at_gone(path);
  }

  // What is at `path` goes, with what is below it.
  void look_at_gone(const std::string& path) {
    const auto info = stat_at(environment_, path);
    if (!info) return;
    const std::string directory(parent_of(path));
    const auto parent = look_at_directory(directory);
    if (parent && is_protected_by_sticky(*parent, *info)) {
      problems_.push_back(
          fmt::format("{} belongs to user {}, and its directory is sticky", printable(path), info->st_uid));
    }
    // To be emptied, or to get another parent, which is an entry of its own.
    if (S_ISDIR(info->st_mode)) look_below(path);
  }

  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

 private:
  std::optional<struct stat> look_at_directory(const std::string& path) {
    const auto known = directories_.find(path);
    if (known != directories_.end()) return known->second;
    auto info = path.empty() ? std::optional(root_) : stat_at(environment_, path);
    const std::string problem = info ? problem_of(path, *info) : std::string();
    if (!problem.empty()) problems_.push_back(fmt::format("{}: {}", path.empty() ? "." : printable(path), problem));
    return directories_.emplace(path, info).first->second;
  }

  std::string problem_of(const std::string& path, const struct stat& info) const {
    if (!S_ISDIR(info.st_mode)) return S_ISLNK(info.st_mode) ? "is a symbolic link" : "is no directory";
    if (info.st_dev != root_.st_dev) return "is on another filesystem than the environment";
    const int error_number = directory_write_problem(environment_, path.empty() ? "." : path);
    if (error_number == 0) return {};
    return fmt::format("{} (it belongs to user {}, mode {:o})", std::generic_category().message(error_number),
                       info.st_uid, info.st_mode & 07777U);
  }

  void look_below(const std::string& directory) {
    look_at_directory(directory);
    const Fd fd = try_open_directory_at(environment_, directory);
    if (!fd) return;
    std::vector<std::string> folders;
    list_directory(fd.get(), directory, [&](const std::string& name, unsigned char) {
      const auto info = stat_at(fd.get(), name);
      if (info && S_ISDIR(info->st_mode)) folders.push_back(directory + "/" + name);
    });
    for (const std::string& folder : folders) look_below(folder);
  }

  int environment_;
  struct stat root_;
  std::map<std::string, std::optional<struct stat>> directories_;
  std::vector<std::string> problems_;
};

}  // namespace

void refuse_unchangeable(int environment, const std::string& path, const Change& change) {
  constexpr std::size_t kShown = 10;
  Inspection inspection(environment, path);
  for (const std::string& kept : change.keep) {
    inspection.look_at_gone(kept);
    inspection.look_at_made(fmt::format("{}/kept/{}/{}", kAnchorDirectory, change.staging, kept));
  }
  for (const std::string& removed : change.remove) inspection.look_at_gone(removed);
  for (const std::string& placed : change.place) inspection.look_at_made(placed);
  inspection.look_at_made(kAnchorPath);
  const std::vector<std::string>& problems = inspection.problems();
  if (problems.empty()) return;
  std::string text;
  for (std::size_t i = 0; i < problems.size() && i < kShown; ++i) text += "\n  " + problems[i];
  if (problems.size() > kShown) text += fmt::format("\n  and {} more", problems.size() - kShown);
  throw Error(
      fmt::format("{} cannot be changed here, and stays as it is:{}", printable(path), text),
      "make these directories writable for you (chown, chmod; another tool may have run as root), and try again");
}

}  // namespace cas
