// cas uninstall: takes packages out of an environment.
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/json_output.hpp"
#include "cli/package_arguments.hpp"
#include "cli/package_steps.hpp"
#include "linker/packages/uninstall.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

constexpr const char* kUsage = "cas uninstall ENV NAME... [-r FILE]...";

constexpr OptionSpec kOptions[] = {
    {"requirement", 'r', "FILE", Repeat::yes}, {"recursive", '\0', {}}, {"dry-run", '\0', {}}, {"yes", 'y', {}}};

int run(const Context& context) {
  const Arguments& arguments = context.arguments;
  if (arguments.operands().empty()) throw UsageError("no environment is named", kUsage);
  UninstallOptions options;
  options.names = named_packages(context, {arguments.operands().begin() + 1, arguments.operands().end()});
  if (options.names.empty()) throw UsageError("no package is named", kUsage);
  options.recursive = arguments.has("recursive");
  options.dry_run = arguments.has("dry-run");
  options.threads = context.global.threads;
  const std::string path = environment_operand(context.global, arguments.operands().front());
  const Store store = context.open_store_to_change();
  const UninstallResult result = uninstall_packages(store, path, options, context.printer);
  context.printer.finish();
  for (const std::string& name : result.not_installed)
    context.printer.warning(fmt::format("{} is not installed in {}", printable(name), printable(result.path)));
  for (const std::string& warning : result.warnings) context.printer.warning(warning);
  for (const PackageStep& step : result.removed) context.say(step_line(step));
  for (const std::string& sentence : result.broken) context.printer.warning(sentence);
  if (!result.removed.empty())
    context.say(fmt::format("{} {}", options.dry_run ? "would change" : "changed", printable(result.path)));
  if (context.global.json) {
    Json document = json_document("uninstall");
    document["path"] = result.path;
    document["dry_run"] = options.dry_run;
    document["packages"] = json_steps(result.removed);
    document["not_installed"] = result.not_installed;
    document["broken"] = result.broken;
    document["warnings"] = result.warnings;
    context.print(json_text(document));
  }
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kUninstallCommand = {"uninstall",     "take packages out of an environment",
                                   kOptions,        run,
                                   Ending::returns, 0,
                                   nullptr,         EnvironmentOperand::first};

}  // namespace cas
