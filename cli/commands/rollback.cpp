// cas rollback: an environment as it was.
#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/json_output.hpp"
#include "cli/package_steps.hpp"
#include "linker/packages/rollback.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

constexpr const char* kUsage = "cas rollback ENV [N] [--dry-run]";

constexpr OptionSpec kOptions[] = {{"dry-run", '\0', {}}};

std::uint64_t read_number(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0)
    throw UsageError(fmt::format("'{}' is no number of a revision", printable(text)), "`cas history ENV` lists them");
  return number;
}

std::string last_line(const RollbackResult& result, bool dry_run, std::chrono::nanoseconds duration) {
  const std::string path = printable(result.path);
  if (dry_run) return fmt::format("would roll {} back to revision {}", path, result.to);
  if (result.revision == 0) return fmt::format("{} is as it was at revision {} already", path, result.to);
  return fmt::format("rolled {} back to revision {}, as revision {}, in {}", path, result.to, result.revision,
                     format_duration(duration));
}

int run(const Context& context) {
  const auto start = std::chrono::steady_clock::now();
  const auto& operands = context.arguments.operands();
  if (operands.empty() || operands.size() > 2) throw UsageError("name one environment, and a revision", kUsage);
  RollbackOptions options;
  if (operands.size() == 2) options.revision = read_number(operands[1]);
  options.dry_run = context.arguments.has("dry-run");
  options.threads = context.global.threads;
  const std::string path = existing_environment(context.global, operands.front());
  const Store store = context.open_store_to_change();
  const RollbackResult result = roll_back(store, path, options, context.printer);
  context.printer.finish();
  for (const std::string& warning : result.warnings) context.printer.warning(warning);
  if (result.python_before != result.python_after)
    context.say(fmt::format("~ Python {} -> {}", printable(result.python_before), printable(result.python_after)));
  for (const PackageStep& step : result.steps) context.say(step_line(step));
  for (const std::string& sentence : result.broken) context.printer.warning(sentence);
  context.say(last_line(result, options.dry_run, std::chrono::steady_clock::now() - start));
  if (context.global.json) {
    Json document = json_document("rollback");
    document["path"] = result.path;
    document["dry_run"] = options.dry_run;
    document["to"] = result.to;
    document["revision"] = result.revision == 0 ? Json(nullptr) : Json(result.revision);
    document["python_before"] = result.python_before;
    document["python_after"] = result.python_after;
    document["packages"] = json_steps(result.steps);
    document["broken"] = result.broken;
    document["warnings"] = result.warnings;
    context.print(json_text(document));
  }
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kRollbackCommand = {"rollback", "make an environment what it was", kOptions, run, Ending::returns, 0,
                                  nullptr,    EnvironmentOperand::first};

}  // namespace cas
