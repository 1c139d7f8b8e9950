#include "linker/python/tree_repair.hpp"

#include <set>

#include "linker/environment_request.hpp"
#include "linker/package_selection.hpp"
#include "linker/plan_paths.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

void place(int from, int tree, const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    try_make_directory_at(tree, path.substr(0, slash), 0777);
  }
  rename_at(from, path, tree, path);
}

// What of the interpreter's package lies at these paths.
Plan plan_of(const Store& store, const StoredInterpreter& interpreter, const std::set<std::string>& paths) {
  std::vector<PlannedPackage> packages{interpreter_package(interpreter)};
  if (!load_packages(store, packages)) {
    throw Corruption("the package of " + interpreter.name + " is not in the index",
                     "capture it again, `cas python add " + interpreter.origin + "`");
  }
  Plan plan = make_plan(packages, {}, {});
  const auto is_right = [&](const auto& file) {
    return !paths.contains(join_path(plan.directories[file.directory], file.name));
  };
  std::erase_if(plan.files, is_right);
  std::erase_if(plan.empty_files, is_right);
  std::erase_if(plan.links, is_right);
  return plan;
}

}  // namespace

std::size_t repair_tree(const Store& store, const StoredInterpreter& interpreter) {
  std::set<std::string> paths;
  for (const TreeProblem& problem : tree_problems(store, interpreter)) paths.insert(problem.path);
  if (paths.empty()) return 0;
  const Plan plan = plan_of(store, interpreter, paths);
  const std::string id = random_name();
  const std::string name = ".new-" + id;
  const std::string parent_path = store.layout().interpreters();
  const Fd parent = open_directory(parent_path);
  const RunningMark mark(store, id, parent_path + "/" + name);
  const ScratchDirectory scratch(parent.get(), name, parent_path + "/" + name);
  MaterialiseOptions options;
  options.check_every_object = true;
  static_cast<void>(materialise(store, plan, scratch.fd(), options));
  const Fd tree = open_directory(store.layout().interpreter(interpreter.name));
  for (const std::string& path : paths) place(scratch.fd(), tree.get(), path);
  return paths.size();
}

}  // namespace cas
