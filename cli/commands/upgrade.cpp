// cas upgrade: environments over another Python.
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/json_output.hpp"
#include "cli/words.hpp"
#include "linker/environment_restoring.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

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

int run(const Context& context) {
  const auto& operands = context.arguments.operands();
  const bool all = context.arguments.has("all");
  if (all == !operands.empty()) throw UsageError("name environments, or --all", "cas upgrade ENV...|--all [-p PYTHON]");
  UpgradeOptions options;
  options.python = context.arguments.value("python");
  options.dry_run = context.arguments.has("dry-run");
  options.threads = context.global.threads;
  const Store store = context.open_store();
  std::vector<std::string> paths;
  for (const std::string& operand : operands) paths.push_back(existing_environment(context.global, operand));
  if (all) paths = outdated_environments(store);

  Json document = json_document("upgrade");
  document["dry_run"] = options.dry_run;
  document["environments"] = Json::array();
  document["failed"] = Json::array();
  bool failed = false;
  for (const std::string& path : paths) {
    try {
      const UpgradeResult result = upgrade_environment(store, path, options, context.printer);
      for (const std::string& warning : result.warnings) context.printer.warning(warning);
      document["environments"].push_back(json_report(result));
      if (!context.global.json && !context.global.quiet) context.print(text_report(result, options.dry_run));
    } catch (const Error& error) {
      if (!all) throw;
      // One that cannot be moved does not stop the others.
      failed = true;
      context.printer.warning(error.message() + (error.hint().empty() ? "" : "; " + error.hint()));
      document["failed"].push_back({{"path", path}, {"error", error.message()}, {"hint", error.hint()}});
    }
  }
  context.printer.finish();
  if (context.global.json) context.print(json_text(document));
  if (!context.global.json && paths.empty()) context.say("no environment stands on an outdated Python");
  return static_cast<int>(failed ? ExitStatus::failure : ExitStatus::success);
}

}  // namespace

const Command kUpgradeCommand = {"upgrade", "move environments to another Python", kOptions, run};

}  // namespace cas
