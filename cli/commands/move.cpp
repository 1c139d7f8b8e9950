// cas move, cas rename: an environment at another place.
#include <fmt/format.h>

#include <chrono>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/json_output.hpp"
#include "cli/words.hpp"
#include "linker/environment_move.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::string_view kMoveUsage = "cas move ENV NEW|-n NAME";
constexpr std::string_view kRenameUsage = "cas rename ENV NEW-NAME";

constexpr OptionSpec kMoveOptions[] = {{"name", 'n', "NAME"}};

std::string json_report(const Context& context, const MoveResult& result) {
  Json document = json_document(context.command.name);
  document["from"] = result.from;
  document["path"] = result.to;
  document["rewritten"] = result.rewritten;
  document["to_other_filesystem"] = result.to_other_filesystem;
  document["warnings"] = result.warnings;
  return json_text(document);
}

int move(const Context& context, const std::string& from, const std::string& to) {
  const auto start = std::chrono::steady_clock::now();
  const Store store = context.open_store_to_change();
  const MoveResult result = move_environment(store, from, to, context.printer);
  context.printer.finish();
  for (const std::string& warning : result.warnings) context.printer.warning(warning);
  const std::string duration = format_duration(std::chrono::steady_clock::now() - start);
  const std::string files = counted(result.rewritten, "file");
  if (result.from == result.to) {
    context.say(fmt::format("{} is where it was made", printable(result.to)));
  } else if (result.to_other_filesystem) {
    context.say(fmt::format("moved {} to {}, on another filesystem, in {}", printable(result.from),
                            printable(result.to), duration));
  } else {
    context.say(fmt::format("moved {} to {}: {} written anew, in {}", printable(result.from), printable(result.to),
                            files, duration));
  }
  if (context.global.json) context.print(json_report(context, result));
  return static_cast<int>(ExitStatus::success);
}

int run_move(const Context& context) {
  const auto& operands = context.arguments.operands();
  const auto name = context.arguments.value("name");
  if (operands.empty()) throw UsageError("no environment is named", std::string(kMoveUsage));
  if (operands.size() > 2) throw UsageError("too many arguments", std::string(kMoveUsage));
  // Alone: it was moved by the user, to where it is now.
  if (operands.size() == 1 && !name) {
    const std::string there = existing_environment(context.global, operands.front());
    return move(context, there, there);
  }
  const std::string to = new_environment(
      context.global, operands.size() > 1 ? std::optional(operands[1]) : std::nullopt, name, kMoveUsage);
  // Where something is at the new place, it may have been moved there already.
  const bool moved = stat_path(to).has_value();
  return move(context, (moved ? environment_operand : existing_environment)(context.global, operands.front()), to);
}

int run_rename(const Context& context) {
  const auto& operands = context.arguments.operands();
  if (operands.size() != 2) {
    throw UsageError("an environment and its new name are needed", std::string(kRenameUsage));
  }
  const std::string from = existing_environment(context.global, operands.front());
  return move(context, from, renamed_environment(from, operands.back()));
}

}  // namespace

const Command kMoveCommand = {"move", "move an environment; what names its place follows", kMoveOptions, run_move};
const Command kRenameCommand = {"rename", "give an environment another name", {}, run_rename};

}  // namespace cas
