#include "linker/environment_request.hpp"

#include <fmt/format.h>

#include "linker/environment_contents.hpp"
#include "linker/replanning.hpp"
#include "store/base/clock.hpp"
#include "store/base/pool.hpp"
#include "store/base/relpath.hpp"
#include "store/history.hpp"
#include "store/sys/file.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

std::string_view mode_name(LinkMode mode) {
  switch (mode) {
    case LinkMode::automatic:
      return "auto";
    case LinkMode::hardlink:
      return "hardlink";
    case LinkMode::reflink:
      return "reflink";
    case LinkMode::copy:
      return "copy";
  }
  return "auto";
}

}  // namespace

std::string_view base_kind_name(BaseKind kind) {
  switch (kind) {
    case BaseKind::store:
      return "store";
    case BaseKind::system:
      return "system";
    case BaseKind::standalone:
      return "standalone";
  }
  return "system";
}

std::optional<BaseKind> parse_base_kind(std::string_view name) {
  for (const BaseKind kind : {BaseKind::store, BaseKind::system, BaseKind::standalone}) {
    if (base_kind_name(kind) == name) return kind;
  }
  return std::nullopt;
}

Anchor make_anchor(const EnvironmentRequest& request) {
  Anchor anchor;
  anchor.id = request.id.empty() ? random_name() : request.id;
  anchor.target = request.target;
  anchor.created_at = now_seconds();
  anchor.interpreter = request.facts.executable;
  anchor.python_version = request.facts.version;
  anchor.command = request.options.command;
  continue_history(request.before, anchor);
  if (request.same_as && !request.same_as->history.empty()) {
    anchor.history = request.same_as->history;
    anchor.revision = request.same_as->revision;
    anchor.command = request.same_as->command;
  }
  anchor.base = base_kind_name(request.base);
  anchor.link_mode = mode_name(request.options.link_mode);
  anchor.plan = environment_plan_key(request.packages, request.facts, request.plan_options);
  anchor.site_packages = request.facts.layout.site_packages;
  anchor.scripts = request.facts.layout.scripts;
  anchor.headers = request.facts.layout.headers;
  anchor.relocatable = request.plan_options.scripts == ScriptStyle::relocatable;
  for (const PlannedPackage& package : request.packages) {
    anchor.packages.push_back({package.artifact, package.metadata.name, package.metadata.version,
                               package.requested == Requested::yes, package.direct_url, package.built_from});
  }
  return anchor;
}

void refuse_store_place(const Store& store, const std::string& target) {
  const std::string& root = store.layout().root();
  if (target == root || target.starts_with(root + "/")) {
    throw UsageError(printable(target) + " lies in the store itself", "choose a path outside " + printable(root));
  }
  if (root.starts_with(target + "/")) {
    throw UsageError(printable(target) + " contains the store, which would go when it is removed",
                     "choose another path");
  }
}

void refuse_place(const Store& store, const std::string& target) {
  if (target == "/") throw UsageError("/ is where all files begin: it cannot be an environment", "choose another path");
  if (target.find(':') != std::string::npos) {
    throw UsageError(
        printable(target) + " has a colon in it: that separates the directories in PATH, so none can be named there",
        "choose a path without a colon");
  }
  refuse_store_place(store, target);
}

std::string resolve_target(const std::string& path) {
  std::string target = absolute_path(path);
  const auto info = stat_path(target);
  if (info && S_ISLNK(info->st_mode)) return absolute_path(target + "/.");
  return target;
}

void refuse_stale(const EnvironmentRequest& request) {
  if (!request.planned_from) return;
  const auto anchor = read_environment_anchor(request.target);
  if ((anchor ? anchor->id : std::string()) != *request.planned_from) throw ChangedMeanwhile(request.target);
}

PlannedPackage interpreter_package(const StoredInterpreter& interpreter) {
  PlannedPackage package;
  package.artifact = interpreter.artifact;
  package.metadata.name = interpreter.implementation;
  package.metadata.normalized_name = "@" + interpreter.implementation;
  package.metadata.version = interpreter.version;
  package.metadata.file_name = interpreter.name;
  return package;
}

PlanWork plan_work(const EnvironmentRequest& request) {
  return {request.options.threads == 0 ? available_cpus() : request.options.threads, request.progress};
}

MaterialiseOptions materialise_options(const EnvironmentRequest& request) {
  MaterialiseOptions options;
  options.mode = request.options.link_mode;
  options.scripts = request.plan_options.scripts;
  options.environment = request.target;
  options.check_every_object = request.options.check;
  options.threads = request.options.threads == 0 ? available_cpus() : request.options.threads;
  return options;
}

EnvironmentFiles environment_files(const EnvironmentRequest& request, Markers markers) {
  return {request.facts,
          request.base,
          markers,
          request.target,
          request.options.prompt,
          request.options.system_site_packages,
          request.options.copies.value_or(false),
          request.options.ignore_file};
}

std::vector<std::string> own_files_before(const Anchor& anchor) {
  std::vector<std::string> paths{"lib64", "pyvenv.cfg"};
  if (anchor.base != base_kind_name(BaseKind::standalone)) {
    const std::string library(name_of(parent_of(anchor.site_packages)));  // "python3.12"
    for (const std::string& name : {std::string("python"), std::string("python3"), library}) {
      paths.push_back(anchor.scripts + "/" + name);
    }
  }
  for (std::string& path : activation_paths(anchor.scripts)) paths.push_back(std::move(path));
  return paths;
}

std::string configured_home(const Anchor& anchor) {
  const bool own = anchor.base == base_kind_name(BaseKind::standalone);
  return own ? std::string() : std::string(parent_of(anchor.interpreter));
}

bool has_copied_python(const std::string& target) {
  const auto anchor = read_environment_anchor(target);
  if (!anchor || anchor->base != base_kind_name(BaseKind::system)) return false;
  const auto python = stat_path(target + "/" + anchor->scripts + "/python");
  return python && S_ISREG(python->st_mode);
}

std::vector<WrittenText> texts_before(const Store& store, const Anchor& anchor, const Plan& plan) {
  return written_texts(store, plan, anchor.relocatable ? ScriptStyle::relocatable : ScriptStyle::absolute,
                       anchor.target);
}

void refuse_conflicts(const EnvironmentRequest& request, const Plan& plan) {
  if (!request.options.strict_conflicts || plan.conflicts.empty()) return;
  const PlanConflict& first = plan.conflicts.front();
  throw InvalidInput(fmt::format("{}: {} and {} have different files there ({} such paths)", first.path, first.loser,
                                 first.winner, plan.conflicts.size()),
                     "leave one of them out, or let the later one win without --strict-conflicts");
}

CreateResult describe_result(const EnvironmentRequest& request, const Anchor& anchor, const FoundPlan& found,
                             const Materialised& made, int root) {
  CreateResult result;
  result.path = request.target;
  result.interpreter = request.facts;
  result.base = request.base;
  result.captured = request.captured;
  result.packages = anchor.packages;
  // A standalone environment's own Python is none of its packages.
  if (request.own_interpreter) {
    std::erase_if(result.packages, [&](const AnchoredPackage& package) {
      return package.artifact == request.own_interpreter->artifact;
    });
  }
  result.conflicts = found.plan.conflicts;
  result.links = made.counts;
  result.plan_reused = found.reused;
  result.bytecode = found.bytecode;
  result.warnings = made.warnings;
  ++result.links.created;  // the anchor
  // Markers were made when it was new, or never.
  std::vector<std::string> own_files = environment_file_paths(environment_files(request, Markers::no));
  for (std::string& path : own_markers(root)) own_files.push_back(std::move(path));
  const ContentCounts counts = count_contents(found.plan, own_files, request.facts.layout);
  result.files = counts.files;
  result.directories = counts.directories;
  return result;
}

ScratchDirectory::ScratchDirectory(int parent, std::string name, std::string_view shown)
    : parent_(parent), name_(std::move(name)) {
  make_directory_at(parent_, name_, 0777, shown);
  fd_ = open_directory_at(parent_, name_);
}

ScratchDirectory::~ScratchDirectory() {
  if (kept_) return;
  try {
    remove_tree_at(parent_, name_);
  } catch (const Error&) {
    // Named in running/<id>, or recognised by the next change of the environment: removed then.
  }
}

}  // namespace cas
