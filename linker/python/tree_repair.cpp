#include "linker/python/tree_repair.hpp"

#include <set>

#include "linker/materialise.hpp"
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

// The files of the interpreter's package, and nothing else.
Plan plan_of(const Store& store, const StoredInterpreter& interpreter) {
  std::vector<PlannedPackage> packages{interpreter_package(interpreter)};
  if (!load_packages(store, packages)) {
    throw Corruption("the package of " + interpreter.name + " is not in the index",
                     "capture it again, `cas python add " + interpreter.origin + "`");
  }
  return make_plan(packages, {}, {});
}

// What of it lies at these paths.
Plan plan_of(const Store& store, const StoredInterpreter& interpreter, const std::set<std::string>& paths) {
  Plan plan = plan_of(store, interpreter);
  const auto is_right = [&](const auto& file) {
    return !paths.contains(join_path(plan.directories[file.directory], file.name));
  };
  std::erase_if(plan.files, is_right);
  std::erase_if(plan.empty_files, is_right);
  std::erase_if(plan.links, is_right);
  return plan;
}

void place_checked(const Store& store, const Plan& plan, int directory) {
  MaterialiseOptions options;
  options.check_every_object = true;
  static_cast<void>(materialise(store, plan, directory, options));
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
  place_checked(store, plan, scratch.fd());
  const Fd tree = open_directory(store.layout().interpreter(interpreter.name));
  for (const std::string& path : paths) place(scratch.fd(), tree.get(), path);
  return paths.size();
}

BareTree::BareTree(const Store& store, const StoredInterpreter& interpreter)
    : id_(random_name()),
      path_(store.layout().interpreter(".new-" + id_)),
      parent_(open_directory(store.layout().interpreters())),
      mark_(store, id_, path_),
      scratch_(parent_.get(), ".new-" + id_, path_) {
  place_checked(store, plan_of(store, interpreter), scratch_.fd());
}

}  // namespace cas
