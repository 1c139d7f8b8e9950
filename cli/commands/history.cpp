// cas history: what an environment was.
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/environment_options.hpp"
#include "cli/json_output.hpp"
#include "cli/package_steps.hpp"
#include "cli/words.hpp"
#include "linker/packages/rollback.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr const char* kUsage = "cas history ENV [--drop [--dry-run]]";

constexpr OptionSpec kOptions[] = {{"drop", '\0', {}}, {"dry-run", '\0', {}}};

std::string made_at(const RevisionChange& change) {
  return time_text(static_cast<std::int64_t>(change.revision.anchor.created_at));
}

std::string text_report(const RevisionChange& change) {
  const Anchor& anchor = change.revision.anchor;
  std::string text = fmt::format("{}  {}  {}  Python {}{}\n", change.revision.number, made_at(change),
                                 anchor.command.empty() ? "?" : printable(anchor.command),
                                 printable(anchor.python_version), change.current ? "  (current)" : "");
  if (!change.python_before.empty())
    text += fmt::format("  ~ Python {} -> {}\n", printable(change.python_before), printable(anchor.python_version));
  for (const PackageStep& step : change.steps.value_or(std::vector<PackageStep>{}))
    text += "  " + step_line(step) + "\n";
  if (!change.steps) text += fmt::format("  {}\n", counted(anchor.packages.size(), "package"));
  return text;
}

Json json_revision(const RevisionChange& change) {
  const Anchor& anchor = change.revision.anchor;
  const auto text = [](std::string value) { return value.empty() ? Json(nullptr) : Json(std::move(value)); };
  return {{"revision", change.revision.number},
          {"current", change.current},
          {"made_at", made_at(change)},
          {"replaced_at", text(time_text(change.revision.replaced_at))},
          {"command", text(anchor.command)},
          {"python", anchor.python_version},
          {"python_before", text(change.python_before)},
          {"packages", change.steps ? json_steps(*change.steps) : Json(nullptr)}};
}

int drop(const Context& context, const Store& store, const std::string& path) {
  const bool dry_run = context.arguments.has("dry-run");
  const std::size_t dropped = drop_history(store, path, dry_run);
  context.say(
      fmt::format("{} {} of {}", dry_run ? "would drop" : "dropped", counted(dropped, "revision"), printable(path)));
  if (context.global.json) {
    Json document = json_document("history");
    document["path"] = absolute_path(path);
    document["dry_run"] = dry_run;
    document["dropped"] = dropped;
    context.print(json_text(document));
  }
  return static_cast<int>(ExitStatus::success);
}

int run(const Context& context) {
  const auto& operands = context.arguments.operands();
  if (operands.size() != 1) throw UsageError("name one environment", kUsage);
  if (context.arguments.has("dry-run") && !context.arguments.has("drop"))
    throw UsageError("--dry-run belongs to --drop", kUsage);
  const std::string path = existing_environment(context.global, operands.front());
  const Store store = context.open_store();
  if (context.arguments.has("drop")) return drop(context, store, path);
  std::vector<std::string> warnings;
  const std::vector<RevisionChange> changes = environment_history(store, path, warnings);
  for (const std::string& warning : warnings) context.printer.warning(warning);
  if (context.global.json) {
    Json document = json_document("history");
    document["path"] = absolute_path(path);
    document["revisions"] = Json::array();
    for (const RevisionChange& change : changes) document["revisions"].push_back(json_revision(change));
    document["warnings"] = warnings;
    context.print(json_text(document));
    return static_cast<int>(ExitStatus::success);
  }
  for (const RevisionChange& change : changes) context.print(text_report(change));
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kHistoryCommand = {"history",       "what an environment was, and what changed it",
                                 kOptions,        run,
                                 Ending::returns, 0,
                                 nullptr,         EnvironmentOperand::first};

}  // namespace cas
