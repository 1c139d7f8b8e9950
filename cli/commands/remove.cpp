// cas remove: deletes environments.
#include <fmt/format.h>

#include <set>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/json_output.hpp"
#include "cli/words.hpp"
#include "linker/environment.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr OptionSpec kOptions[] = {{"dry-run", '\0', {}}};

Json json_removed(const RemoveResult& result) {
  return {{"path", result.path},
          {"error", nullptr},
          {"files", result.files},
          {"directories", result.directories},
          {"freed_bytes", result.freed_bytes},
          {"kept", result.kept}};
}

std::string removed_line(const RemoveResult& result, bool dry_run) {
  return fmt::format("{} {}: {}, {} given back", dry_run ? "would remove" : "removed", printable(result.path),
                     counted(result.files, "file"), format_size(result.freed_bytes));
}

// Removes one and says so. Failures of one do not stop the others; false: it failed.
bool remove_one(const Context& context, const Store& store, const std::string& operand, bool dry_run,
                Json& environments) {
  std::string path = operand;
  try {
    path = existing_environment(context.global, operand);
    const RemoveResult result = remove_environment(store, path, dry_run, context.printer);
    context.printer.finish();
    context.say(removed_line(result, dry_run));
    if (!result.kept.empty()) {
      context.say(fmt::format("  {} not the environment's, and {}: {}", result.kept.size() == 1 ? "is" : "are",
                              result.kept.size() == 1 ? "stays" : "stay", joined(result.kept)));
    }
    environments.push_back(json_removed(result));
    return true;
  } catch (const Error& error) {
    context.printer.error(error.message(), error.hint());
    environments.push_back({{"path", path}, {"error", json_error(error.kind(), error.message(), error.hint())}});
    return false;
  }
}

int run(const Context& context) {
  const auto& paths = context.arguments.operands();
  if (paths.empty()) throw UsageError("no environment is named", "cas remove ENV...");
  const bool dry_run = context.arguments.has("dry-run");
  const Store store = context.open_store_to_change();
  Json environments = Json::array();
  bool complete = true;
  std::set<std::string> seen;
  for (const std::string& operand : paths) {
    const std::string path = environment_operand(context.global, operand);
    // Named twice, it is removed once.
    if (seen.insert(absolute_path(path)).second) {
      complete &= remove_one(context, store, operand, dry_run, environments);
    }
  }
  if (context.global.json) {
    Json document = json_document("remove");
    document["dry_run"] = dry_run;
    document["environments"] = std::move(environments);
    context.print(json_text(document));
  }
  return static_cast<int>(complete ? ExitStatus::success : ExitStatus::failure);
}

}  // namespace

const Command kRemoveCommand = {"remove", "delete environments",    kOptions, run, Ending::returns, 0,
                                nullptr,  EnvironmentOperand::first};

}  // namespace cas
