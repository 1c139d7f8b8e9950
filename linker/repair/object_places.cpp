#include "linker/repair/object_places.hpp"

#include <fmt/format.h>

#include "linker/environment_plan.hpp"
#include "linker/environment_reproduction.hpp"
#include "linker/plan_paths.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/interpreters.hpp"
#include "store/packages/packages.hpp"
#include "store/roots.hpp"

namespace cas {
namespace {

ObjectTree::Files files_of_environment(const Store& store, const Anchor& anchor) {
  ObjectTree::Files files;
  const Plan plan = plan_of_what_is_left(store, anchor).plan;
  for (const PlanFile& file : plan.files) {
    files[join_path(plan.directories[file.directory], file.name)] = {file.object, file.size};
  }
  return files;
}

ObjectTree::Files files_of_interpreter(const Store& store, const StoredInterpreter& interpreter) {
  ObjectTree::Files files;
  const auto package = find_package(store.index(), interpreter.artifact);
  if (!package) throw Corruption("its package is not in the index");
  for (const PackageFile& file : read_manifest(store.layout(), package->row.manifest).files) {
    if (file.kind == FileKind::regular && file.size > 0) files[file.path] = {file.object, file.size};
  }
  return files;
}

}  // namespace

void for_each_object_tree(const Store& store, const std::vector<std::string>& elsewhere,
                          std::vector<std::string>& warnings, const std::function<void(const ObjectTree&)>& use) {
  const auto try_files = [&](ObjectTree tree, auto&& files) {
    try {
      tree.files = files();
    } catch (const Error& error) {
      warnings.push_back(fmt::format("what should lie in {} is not known: {}", printable(tree.path), error.message()));
    }
    use(tree);
  };
  const auto use_environment = [&](const std::string& path, const Anchor& anchor) {
    try_files({path, true, link_mode_named(anchor.link_mode), {}}, [&] { return files_of_environment(store, anchor); });
  };
  for (const Root& root : list_environments(store)) {
    if (root.state == AnchorState::live && root.at_target) use_environment(root.anchor.target, root.anchor);
  }
  for (const std::string& path : elsewhere) use_environment(path, find_root(store, path).anchor);
  for (const StoredInterpreter& interpreter : list_interpreters(store)) {
    try_files({store.layout().interpreter(interpreter.name), false, LinkMode::automatic, {}},
              [&] { return files_of_interpreter(store, interpreter); });
  }
}

}  // namespace cas
