#include "cli/script_environments.hpp"

#include <fmt/format.h>

#include "cli/create_report.hpp"
#include "cli/environment_names.hpp"
#include "cli/package_arguments.hpp"
#include "cli/words.hpp"
#include "linker/environment.hpp"
#include "linker/environment_session.hpp"
#include "linker/locked/script_input.hpp"
#include "store/base/clock.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/roots.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr int kMostAttempts = 10;

// Complete, and its interpreter is where it was.
bool is_ready(const std::string& path) {
  return stat_path(path + "/" + kAnchorPath).has_value() && stat_path(path + "/bin/python").has_value();
}

void make(const Context& context, const std::string& path, const PackageInputs& inputs) {
  CreateOptions options;
  options.python = context.arguments.value("python");
  options.python_versions = inputs.python_versions();
  options.threads = context.global.threads;
  options.prompt = "script";
  const Store store = context.open_or_make_store_to_change();
  PackageNetwork network(store, inputs.network);
  LockedSupply supply(find_locks(inputs, network), network);
  if (!inputs.empty()) options.supply = &supply;
  make_directories(std::string(parent_of(path)));
  const auto start = std::chrono::steady_clock::now();
  const CreateResult result = create_environment(store, path, options, context.printer);
  // Standard output is the script's.
  GlobalOptions quiet = context.global;
  quiet.quiet = true;
  report_created({context.command, quiet, context.arguments, context.printer}, result,
                 std::chrono::steady_clock::now() - start);
}

}  // namespace

std::string script_environments(const GlobalOptions& global) { return environments_directory(global) + "/.scripts"; }

ScriptEnvironment script_environment(const Context& context, const std::string& script) {
  PackageInputs inputs = read_package_inputs(context, {});
  const std::vector<std::string> others = add_script(script, inputs);
  const std::string path =
      script_environments(context.global) + "/" + environment_key(inputs, context.arguments.value("python"));
  bool refresh = inputs.resolve.refresh;
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    if (refresh || !is_ready(path)) {
      if (!others.empty()) {
        context.printer.warning(
            fmt::format("{}: of its block these have no effect: {}", printable(script), joined(others)));
      }
      try {
        make(context, path, inputs);
      } catch (const Error&) {
        // Somebody else may have made it at the same time.
        if (refresh || !is_ready(path)) throw;
      }
      context.printer.finish();
      refresh = false;
    }
    // Else a collector has just taken it.
    if (Fd held = hold_environment(path)) return {path, std::move(held)};
  }
  throw Error(printable(path) + ": the script's environment is removed again and again while it is made",
              "wait for `cas gc` to finish");
}

std::vector<Anchor> remove_unused_scripts(const Context& context, const Store& store, std::chrono::seconds max_age,
                                          bool dry_run) {
  std::vector<Anchor> removed;
  const std::string place = script_environments(context.global);
  const auto now = static_cast<std::int64_t>(now_seconds());
  for (const Root& root : list_roots(store)) {
    const std::string& path = root.anchor.target;
    if (parent_of(path) != place || root.state != AnchorState::live || !root.at_target) continue;
    if (now - root.used_at <= max_age.count()) continue;
    try {
      const Fd claimed = claim_environment(path);
      if (!claimed) {
        // From its end on, and not from its beginning.
        if (!dry_run) note_use(path);
        continue;
      }
      (void)remove_environment(store, path, dry_run, context.printer);
      removed.push_back(root.anchor);
    } catch (const Error& error) {
      context.printer.warning(error.message());
    }
  }
  context.printer.finish();
  return removed;
}

}  // namespace cas
