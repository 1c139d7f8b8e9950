#include "linker/environment_reproduction.hpp"

#include <algorithm>

#include "linker/package_selection.hpp"
#include "linker/plan_bytecode.hpp"
#include "linker/python/capture.hpp"
#include "linker/python/python_selection.hpp"
#include "linker/pyvenv_cfg.hpp"
#include "store/packages/packages.hpp"
#include "store/sys/file.hpp"
#include "store/take_over.hpp"

namespace cas {
namespace {

void find_interpreter(const Store& store, const Anchor& anchor, Reproduction& result) {
  if (result.base != BaseKind::system) {
    if (const auto captured = captured_at_path(store, anchor.interpreter)) {
      if (auto facts = facts_of(*captured)) {
        result.facts = std::move(*facts);
        if (result.base == BaseKind::standalone) result.own_interpreter = interpreter_package(*captured);
        return;
      }
    }
    throw NotFound("the interpreter of " + anchor.target + ", " + anchor.interpreter + ", is no longer in the store",
                   "`cas python add` with the Python that it was captured from brings it back; "
                   "else create the environment again with `cas create -p PYTHON`");
  }
  const PythonRequest request = parse_python_request(anchor.interpreter);
  result.facts = select_python(&store, request, process_surroundings()).found.facts;
  refuse_unsupported(result.facts);
}

void describe_packages(const Store& store, const Anchor& anchor, Reproduction& result) {
  for (const AnchoredPackage& anchored : anchor.packages) {
    if (result.own_interpreter && anchored.artifact == result.own_interpreter->artifact) {
      result.packages.insert(result.packages.begin(), *result.own_interpreter);
      continue;
    }
    const auto known = find_package_anywhere(store, anchored.artifact);
    if (!known) {
      throw Corruption(anchored.name + " " + anchored.version + " of " + anchor.target + " is not in the store",
                       "`cas repair` looks for it; `cas add` with its wheel brings it back");
    }
    result.packages.push_back(planned_package(*known, anchored));
  }
}

// The anchor does not say it: the plan's key does, and where the interpreter has changed since, what the plan places.
std::string bytecode_wanted(const Store& store, const Anchor& anchor, const Reproduction& result) {
  std::string identity = interpreter_bytecode(result.facts);
  if (identity.empty()) return identity;
  for (const std::string& candidate : {identity, std::string()}) {
    PlanOptions options = result.plan_options;
    options.bytecode = candidate;
    if (environment_plan_key(result.packages, result.facts, options) == anchor.plan) return candidate;
  }
  const auto plan = find_plan(store, anchor.plan);
  const auto is_bytecode = [](const PlanFile& file) { return file.name.ends_with(".pyc"); };
  if (plan && std::ranges::none_of(plan->files, is_bytecode)) identity.clear();
  return identity;
}

}  // namespace

LinkMode link_mode_named(const std::string& name) {
  if (name == "hardlink") return LinkMode::hardlink;
  if (name == "reflink") return LinkMode::reflink;
  if (name == "copy") return LinkMode::copy;
  return LinkMode::automatic;
}

namespace {

Reproduction reproduce_options(const Anchor& anchor, const std::string& path) {
  Reproduction result;
  result.base = parse_base_kind(anchor.base).value_or(BaseKind::system);
  result.options.base = result.base;
  result.options.link_mode = link_mode_named(anchor.link_mode);
  result.options.relocatable = anchor.relocatable;
  result.options.copies = has_copied_python(path);
  // One that cannot be read says nothing, and is made anew.
  const std::string configuration = read_pyvenv_cfg(open_directory(path).get()).value_or("");
  // Whatever the base: where it is not the system's, only its user can have said so.
  result.options.system_site_packages = shows_system_packages(configuration);
  if (const auto prompt = pyvenv_cfg_value(configuration, "prompt")) result.options.prompt = *prompt;
  result.plan_options.scripts = anchor.relocatable ? ScriptStyle::relocatable : ScriptStyle::absolute;
  return result;
}

}  // namespace

Reproduction reproduce_packages(const Store& store, const Anchor& anchor, const std::string& path) {
  Reproduction result = reproduce_options(anchor, path);
  describe_packages(store, anchor, result);
  std::erase_if(result.packages, [](const PlannedPackage& package) { return is_interpreter(package.metadata); });
  const auto plan = find_plan(store, anchor.plan);
  const auto is_bytecode = [](const PlanFile& file) { return file.name.ends_with(".pyc"); };
  result.options.compile_bytecode = !plan || std::ranges::any_of(plan->files, is_bytecode);
  return result;
}

Reproduction reproduce(const Store& store, const Anchor& anchor, const std::string& path) {
  Reproduction result = reproduce_options(anchor, path);
  find_interpreter(store, anchor, result);
  describe_packages(store, anchor, result);
  result.plan_options.bytecode = bytecode_wanted(store, anchor, result);
  result.options.compile_bytecode = !result.plan_options.bytecode.empty();
  return result;
}

}  // namespace cas
