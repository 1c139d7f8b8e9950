#include "store/lost_interpreters.hpp"

#include <map>
#include <set>
#include <utility>

#include "store/base/relpath.hpp"
#include "store/interpreters.hpp"
#include "store/packages/packages.hpp"
#include "store/sys/file.hpp"
#include "store/sys/own_directory.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

constexpr std::string_view kGone = ".gone-";

std::string note_of(const std::string& name) { return std::string(kGone) + name; }

// Names of trees that environments stand on -> the executable in it.
std::map<std::string, std::string> trees_in_use(const Store& store, std::span<const Root> roots) {
  const std::string within = store.layout().interpreters() + "/";
  std::map<std::string, std::string> trees;
  for (const Root& root : roots) {
    // A standalone one has its own.
    if (root.state == AnchorState::dead || root.anchor.base != "store") continue;
    const std::string& executable = root.anchor.interpreter;
    if (!executable.starts_with(within)) continue;
    std::string name = executable.substr(within.size(), executable.find('/', within.size()) - within.size());
    if (!component_problem(name) && !name.starts_with('.')) trees.emplace(std::move(name), executable);
  }
  return trees;
}

}  // namespace

std::vector<LostInterpreter> list_lost_interpreters(const Store& store, std::span<const Root> roots) {
  std::map<std::string, std::string> trees = trees_in_use(store, roots);
  const std::string path = store.layout().interpreters();
  const Fd directory = trees.empty() ? Fd() : open_own_directory_if_any(path);
  if (directory) {
    std::erase_if(trees, [&](const auto& tree) {
      return stat_at(directory.get(), tree.first) || stat_at(directory.get(), note_of(tree.first));
    });
  }
  std::vector<LostInterpreter> lost;
  if (trees.empty()) return lost;
  std::map<std::string, Package> packages;
  for (Package& package : list_packages(store.index())) {
    if (!package.row.normalized_name.starts_with('@')) continue;
    std::string name = interpreter_name(package.row.file_name, package.artifact);
    packages.emplace(std::move(name), std::move(package));
  }
  for (const auto& [name, executable] : trees) {
    const auto package = packages.find(name);
    // Without its package nothing can be made of it.
    if (package == packages.end()) continue;
    const PackageRow& row = package->second.row;
    lost.push_back({name, package->second.artifact, row.name, row.version, executable});
  }
  return lost;
}

std::optional<LostInterpreter> lost_interpreter_of(const Store& store, const Anchor& anchor) {
  Root root;
  root.anchor = anchor;
  std::vector<LostInterpreter> lost = list_lost_interpreters(store, {&root, 1});
  return lost.empty() ? std::nullopt : std::optional(std::move(lost.front()));
}

void note_removed_interpreter(const Store& store, const std::string& name) {
  publish_file(store.layout().interpreters(), note_of(name), {}, 0644, store.durability());
}

void note_captured_interpreter(const Store& store, const std::string& name) {
  const Fd directory = open_directory(store.layout().interpreters());
  static_cast<void>(remove_file_at(directory.get(), note_of(name)));
}

void forget_removed_interpreters(const Store& store, std::span<const Root> roots) {
  const std::string path = store.layout().interpreters();
  const Fd directory = open_own_directory_if_any(path);
  if (!directory) return;
  const std::map<std::string, std::string> trees = trees_in_use(store, roots);
  std::set<std::string> notes;
  list_directory(directory.get(), path, [&](const std::string& name, unsigned char) {
    if (name.starts_with(kGone) && !trees.contains(name.substr(kGone.size()))) notes.insert(name);
  });
  for (const std::string& name : notes) static_cast<void>(remove_file_at(directory.get(), name));
}

}  // namespace cas
