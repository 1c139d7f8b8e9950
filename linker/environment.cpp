#include "linker/environment.hpp"

#include "linker/environment_request.hpp"
#include "linker/package_selection.hpp"
#include "linker/plan_bytecode.hpp"
#include "linker/python/capture.hpp"
#include "linker/python/python_selection.hpp"
#include "store/base/timing.hpp"
#include "store/source/python_tree.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr int kMaxRounds = 10;

// A symbolic link to a directory stands for the directory.
std::string resolve_target(const std::string& path) {
  std::string target = absolute_path(path);
  const auto info = stat_path(target);
  if (info && S_ISLNK(info->st_mode)) return absolute_path(target + "/.");
  return target;
}

SelectedPython choose_python(const Store& store, const CreateOptions& options) {
  const PythonRequest request = parse_python_request(options.python);
  PythonSurroundings surroundings = process_surroundings();
  surroundings.captured = captured_executables(store);
  SelectedPython python = select_python(&store, request, surroundings);
  refuse_unsupported(python.found.facts);
  return python;
}

BaseKind wanted_base(const EnvironmentRequest& request) {
  if (request.options.base) return *request.options.base;
  if (request.options.system_site_packages) return BaseKind::system;
  const auto before = read_environment_anchor(request.target);
  return before ? parse_base_kind(before->base).value_or(BaseKind::system) : BaseKind::store;
}

// Puts the interpreter that was found where the environment wants it.
void choose_base(EnvironmentRequest& request, std::vector<std::string>& warnings) {
  request.base = wanted_base(request);
  if (request.base == BaseKind::system) return;
  CaptureOptions options;
  options.threads = request.options.threads;
  try {
    const OwnedInterpreter owned = owned_interpreter(request.store, request.facts, options, request.progress);
    request.facts = owned.facts;
    if (owned.captured_now) request.captured = owned.interpreter.name;
    if (request.base == BaseKind::store) return;
    PlannedPackage& package = request.own_interpreter.emplace();
    package.artifact = owned.interpreter.artifact;
    package.metadata.name = owned.interpreter.implementation;
    package.metadata.normalized_name = "@" + owned.interpreter.implementation;
    package.metadata.version = owned.interpreter.version;
    package.metadata.file_name = owned.interpreter.name;
  } catch (const NotCapturable& error) {
    if (request.options.base) throw;
    request.base = BaseKind::system;
    warnings.push_back("the environment stands on " + request.facts.executable + " where it is, for " +
                       error.message());
  }
}

}  // namespace

CreateResult create_environment(const Store& store, const std::string& path, const CreateOptions& options,
                                Progress& progress) {
  const SelectedPython python = choose_python(store, options);
  EnvironmentRequest request{store, options, resolve_target(path), python.found.facts, BaseKind::system, {}, {}, {},
                             {},    progress};
  const auto there = stat_path(request.target);
  if (there && !S_ISDIR(there->st_mode)) throw UsageError(request.target + " exists and is not a directory");

  const std::string& root = store.layout().root();
  if (request.target == root || request.target.starts_with(root + "/")) {
    throw UsageError(request.target + " lies in the store itself", "choose a path outside " + root);
  }
  if (root.starts_with(request.target + "/")) {
    throw UsageError(request.target + " contains the store, which would go when it is removed", "choose another path");
  }

  std::vector<std::string> warnings;
  choose_base(request, warnings);
  // What may be moved says so in its scripts.
  if (options.relocatable || request.base == BaseKind::standalone) {
    request.plan_options.scripts = ScriptStyle::relocatable;
  }
  if (options.compile_bytecode) request.plan_options.bytecode = interpreter_bytecode(request.facts);

  const std::vector<PackageRequest> files = choose_files(options, request.facts);
  for (int round = 0; round < kMaxRounds; ++round) {
    std::vector<IngestResult> ingested;
    {
      const Timer timer("packages");
      ingested = ingest_chosen(store, files, options.ingest, progress);
    }
    request.packages = describe_packages(options.packages, files, ingested);
    if (request.own_interpreter) request.packages.insert(request.packages.begin(), *request.own_interpreter);
    auto result = there ? change_environment(request) : build_environment(request);
    if (!result) continue;  // collected between being added and being anchored: add them again
    result->ingested = std::move(ingested);
    result->warnings.insert(result->warnings.end(), warnings.begin(), warnings.end());
    for (const BrokenPython& broken : python.passed_over) {
      result->warnings.push_back("passed over: " + broken.reason);
    }
    return std::move(*result);
  }
  throw Error("creating " + request.target + ": its packages are collected again and again meanwhile",
              "wait for `cas gc` to finish");
}

}  // namespace cas
