#include "linker/python/captured_details.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "linker/python/capture.hpp"
#include "linker/python/python_request.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/lost_interpreters.hpp"
#include "store/packages/packages.hpp"
#include "store/roots.hpp"
#include "store/source/elf_dynamic.hpp"
#include "store/sys/file.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

using Objects = std::unordered_map<ObjectId, std::uint64_t>;  // with their sizes

Objects objects_of(const Store& store, const StoredInterpreter& interpreter) {
  Objects objects;
  const auto package = find_package(store.index(), interpreter.artifact);
  if (!package) {
    throw Corruption("the package of " + interpreter.name + " is not in the index", "run `cas index rebuild`");
  }
  for_each_object(read_manifest(store.layout(), package->row.manifest),
                  [&](const ObjectId& id, std::uint64_t size) { objects.emplace(id, size); });
  return objects;
}

bool may_be_elf(std::string_view path) {
  return path.ends_with(".so") || path.find(".so.") != std::string_view::npos || parent_of(path) == "bin";
}

void look_at_tree(const std::string& tree, CapturedDetails& details) {
  const Fd directory = open_directory(tree);
  std::set<std::string, std::less<>> own;
  std::map<std::string, std::vector<std::string>> needed;
  walk_tree(directory.get(), [&](const std::string& path, const struct stat& info) {
    if (!S_ISREG(info.st_mode)) {
      if (S_ISLNK(info.st_mode)) own.emplace(name_of(path));
      return;
    }
    ++details.tree_files;
    details.tree_bytes += static_cast<std::uint64_t>(info.st_size);
    own.emplace(name_of(path));
    if (!may_be_elf(path)) return;
    const Fd file = open_read_at(directory.get(), path);
    for (std::string& name : read_elf_dynamic(InputFile(file.get(), path)).needed) {
      needed[std::move(name)].push_back(path);
    }
  });
  for (auto& [name, by] : needed) {
    if (own.contains(name)) continue;
    std::sort(by.begin(), by.end());
    details.libraries.push_back({name, std::move(by)});
  }
}

}  // namespace

std::vector<StoredInterpreter> captured_by_name(const Store& store, const std::string& wanted) {
  const std::vector<StoredInterpreter> all = list_interpreters(store);
  std::vector<StoredInterpreter> found;
  const auto named = std::ranges::find(all, wanted, &StoredInterpreter::name);
  if (named != all.end()) return {*named};
  const PythonRequest request = parse_python_request(wanted);
  for (const StoredInterpreter& interpreter : all) {
    const auto facts = facts_of(interpreter);
    const bool by_path = interpreter.origin == wanted || (facts && facts->executable == wanted);
    const bool by_version = request.kind == PythonRequest::Kind::version && facts && judge_python(request, *facts);
    if (by_path || by_version) {
      found.push_back(interpreter);
    }
  }
  if (!found.empty()) return found;
  std::vector<std::string> names;
  for (const StoredInterpreter& interpreter : all) names.push_back(interpreter.name);
  throw NotFound(fmt::format("no captured interpreter is '{}'", printable(wanted)),
                 names.empty() ? "the store has none; `cas python add` captures one"
                               : fmt::format("the store has {}", fmt::join(names, ", ")));
}

std::optional<StoredInterpreter> damaged_by_name(const Store& store, const std::string& name) {
  if (component_problem(name) || name.starts_with('.')) return std::nullopt;
  const auto info = stat_path(store.layout().interpreter(name));
  const bool known = std::ranges::any_of(list_interpreters(store), [&](const auto& one) { return one.name == name; });
  if (!info || !S_ISDIR(info->st_mode) || known) return std::nullopt;
  StoredInterpreter interpreter;
  interpreter.name = name;
  return interpreter;
}

std::vector<std::string> environments_over(const Store& store, const StoredInterpreter& interpreter) {
  const std::string tree = store.layout().interpreter(interpreter.name) + "/";
  std::vector<std::string> paths;
  for (const Root& root : list_roots(store)) {
    // A standalone one has its own.
    if (root.state == AnchorState::dead || root.anchor.base != "store") continue;
    if (root.anchor.interpreter.starts_with(tree)) paths.push_back(root.anchor.target);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

CapturedDetails captured_details(const Store& store, const StoredInterpreter& interpreter) {
  CapturedDetails details;
  const Objects own = objects_of(store, interpreter);
  details.files = own.size();
  for (const auto& [id, size] : own) details.bytes += size;
  for (const StoredInterpreter& other : list_interpreters(store)) {
    if (other.name == interpreter.name) continue;
    SharedWith shared{other.name, 0, 0};
    for (const auto& [id, size] : objects_of(store, other)) {
      if (!own.contains(id)) continue;
      ++shared.files;
      shared.bytes += size;
    }
    details.shared.push_back(std::move(shared));
  }
  look_at_tree(store.layout().interpreter(interpreter.name), details);
  details.environments = environments_over(store, interpreter);
  return details;
}

void remove_captured(const Store& store, const StoredInterpreter& interpreter) {
  const std::string id = random_name();
  const std::string aside = ".removed-" + id;
  const std::string parent_path = store.layout().interpreters();
  const Fd parent = open_directory(parent_path);
  RunningMark mark(store, id, parent_path + "/" + aside);
  if (!environments_over(store, interpreter).empty()) note_removed_interpreter(store, interpreter.name);
  rename_at(parent.get(), interpreter.name, parent.get(), aside);
  mark.leave_scratch(true);
  remove_tree_at(parent.get(), aside);
  mark.leave_scratch(false);
}

}  // namespace cas
