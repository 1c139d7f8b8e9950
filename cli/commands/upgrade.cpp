// cas upgrade: environments over another Python.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/json_output.hpp"
#include "cli/python_output.hpp"
#include "cli/words.hpp"
#include "linker/environment_restoring.hpp"
#include "linker/python/python_selection.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/roots.hpp"

namespace cas {
namespace {

constexpr OptionSpec kOptions[] = {{"python", 'p', "PYTHON"}, {"all", '\0', {}}, {"dry-run", '\0', {}}};

std::string text_report(const UpgradeResult& result, bool dry_run) {
  if (!result.changed) {
    return fmt::format("{}: stands on Python {} already\n", printable(result.path), result.python_after);
  }
  std::string text = fmt::format("{}: {} from Python {} to {}\n", printable(result.path),
                                 dry_run ? "would move" : "moved", result.python_before, result.python_after);
  if (!result.other_wheels.empty()) text += fmt::format("  with other wheels of {}\n", joined(result.other_wheels));
  return text;
}

Json json_report(const UpgradeResult& result) {
  return {{"path", result.path},
          {"python_before", result.python_before},
          {"python_after", result.python_after},
          {"executable", result.base_after},
          {"changed", result.changed},
          {"other_wheels", result.other_wheels},
          {"warnings", result.warnings}};
}

// Those that can be moved: live, and where they were made.
std::vector<std::string> all_environments(const Store& store) {
  std::vector<std::string> paths;
  for (const Root& root : list_environments(store)) {
    if (root.state == AnchorState::live && root.at_target) paths.push_back(root.anchor.target);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// With --all: which environments, and what is said where none of them is moved.
struct Everything {
  std::vector<std::string> paths;
  std::string nothing;
};

Everything everything(const Store& store, const std::optional<std::string>& python) {
  if (!python) return {outdated_environments(store), "no environment stands on an outdated Python"};
  // A Python that is not there is one error, not one for each environment.
  const SelectedPython selected = select_python(&store, parse_python_request(python), surroundings_with(&store));
  return {all_environments(store),
          "no environment stands on another Python than " + python_label(selected.found.facts)};
}

int run(const Context& context) {
  const auto& operands = context.arguments.operands();
  const bool all = context.arguments.has("all");
  if (all == !operands.empty()) throw UsageError("name environments, or --all", "cas upgrade ENV...|--all [-p PYTHON]");
  UpgradeOptions options;
  options.python = context.arguments.value("python");
  options.dry_run = context.arguments.has("dry-run");
  options.threads = context.global.threads;
  const Store store = context.open_store_to_change();
  std::vector<std::string> paths;
  for (const std::string& operand : operands) paths.push_back(existing_environment(context.global, operand));
  Everything every;
  if (all) {
    every = everything(store, options.python);
    paths = every.paths;
  }

  Json document = json_document("upgrade");
  document["dry_run"] = options.dry_run;
  document["environments"] = Json::array();
  document["failed"] = Json::array();
  bool failed = false;
  bool moved = false;
  for (const std::string& path : paths) {
    try {
      const UpgradeResult result = upgrade_environment(store, path, options, context.printer);
      for (const std::string& warning : result.warnings) context.printer.warning(warning);
      if (all && !result.changed) continue;  // it stands on that already
      moved = true;
      document["environments"].push_back(json_report(result));
      if (!context.global.json && !context.global.quiet) context.print(text_report(result, options.dry_run));
    } catch (const Error& error) {
      if (!all) throw;
      // One that cannot be moved does not stop the others.
      failed = true;
      context.printer.warning("skipped: " + error.message() + (error.hint().empty() ? "" : "; " + error.hint()));
      document["failed"].push_back({{"path", path}, {"error", error.message()}, {"hint", error.hint()}});
    }
  }
  context.printer.finish();
  if (context.global.json) context.print(json_text(document));
  if (all && !moved && !failed) context.say(every.nothing);
  return static_cast<int>(failed ? ExitStatus::failure : ExitStatus::success);
}

}  // namespace

const Command kUpgradeCommand = {"upgrade",       "move environments to another Python",
                                 kOptions,        run,
                                 Ending::returns, 0,
                                 nullptr,         EnvironmentOperand::first};

}  // namespace cas
