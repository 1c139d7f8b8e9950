#include "linker/build/tree_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "store/base/codec.hpp"
#include "store/base/progress.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostEntries = 200'000;
constexpr std::array<std::string_view, 5> kProducts{".pyc", ".pyo", ".so", ".o", ".egg-info"};
constexpr std::array<std::string_view, 6> kOthers{"__pycache__", ".hg", ".svn", ".tox", ".nox", "node_modules"};
constexpr std::array<std::string_view, 4> kAtTop{"build", "dist", ".eggs", ".venv"};
// Of .git: everything else changes when somebody looks at the tree, or says nothing about it.
constexpr std::array<std::string_view, 3> kOfGit{"HEAD", "packed-refs", "refs"};

class Look {
 public:
  // false: too much.
  bool walk(int directory, const std::string& prefix) {
    check_interrupt();
    std::vector<std::string> names;
    list_directory(directory, prefix, [&](const std::string& name, unsigned char) { names.push_back(name); });
    const auto has = [&](const char* name) { return std::ranges::find(names, name) != names.end(); };
    if (!prefix.empty() && (has("pyvenv.cfg") || has("CACHEDIR.TAG"))) return true;
    for (const std::string& name : names) {
      const std::string path = prefix + name;
      if (is_left_out(prefix, name)) continue;
      const auto info = stat_at(directory, name);
      if (!info) continue;
      if (S_ISDIR(info->st_mode)) {
        const Fd inner = try_open_directory_at(directory, name);
        if (inner && !walk(inner.get(), path + "/")) return false;
        continue;
      }
      if (state_.size() >= kMostEntries) return false;
      state_.emplace(path, S_ISLNK(info->st_mode) ? read_symlink_at(directory, name).value_or("")
                                                  : fmt::format("{:o} {} {}.{}", info->st_mode, info->st_size,
                                                                info->st_mtim.tv_sec, info->st_mtim.tv_nsec));
    }
    return true;
  }

  TreeState take() { return std::move(state_); }

 private:
  static bool is_left_out(const std::string& prefix, const std::string& name) {
    if (prefix.ends_with(".git/")) return std::ranges::find(kOfGit, name) == kOfGit.end();
    const auto ends = [&](std::string_view end) { return name.ends_with(end); };
    if (std::ranges::any_of(kProducts, ends)) return true;
    if (std::ranges::find(kOthers, name) != kOthers.end()) return true;
    return prefix.empty() && std::ranges::find(kAtTop, name) != kAtTop.end();
  }

  TreeState state_;
};

}  // namespace

std::optional<TreeState> look_at_tree(const std::string& directory) {
  // The user may have named it by a link.
  const Fd top = open_directory(directory + "/.");
  Look look;
  if (!look.walk(top.get(), "")) return std::nullopt;
  return look.take();
}

Sha256Digest digest_of(const TreeState& state) {
  std::string text;
  ByteWriter out(text);
  for (const auto& [path, what] : state) {
    out.string(path);
    out.string(what);
  }
  return sha256(text);
}

bool only_added(const TreeState& before, const TreeState& after) { return std::ranges::includes(after, before); }

}  // namespace cas
