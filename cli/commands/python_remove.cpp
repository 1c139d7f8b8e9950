// cas python remove: takes a captured interpreter out of the store.
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/python_output.hpp"
#include "cli/words.hpp"
#include "linker/python/captured_details.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

constexpr OptionSpec kOptions[] = {{"dry-run", '\0', {}}, {"force", '\0', {}}};

int run(const Context& context) {
  const std::string wanted = single_operand(context, "cas python remove NAME|SPEC");
  const bool dry_run = context.arguments.has("dry-run");
  const Store store = context.open_store_to_change();
  const auto damaged = damaged_by_name(store, wanted);
  const std::vector<StoredInterpreter> found =
      damaged ? std::vector<StoredInterpreter>{*damaged} : captured_by_name(store, wanted);
  if (found.size() > 1) {
    std::vector<std::string> names;
    for (const StoredInterpreter& interpreter : found) names.push_back(interpreter.name);
    throw UsageError(fmt::format("'{}' means {}", printable(wanted), joined(names)), "name one of them");
  }
  const StoredInterpreter& interpreter = found.front();
  const std::vector<std::string> environments = environments_over(store, interpreter);
  if (!environments.empty() && !context.arguments.has("force")) {
    std::string message = interpreter.name + " is the Python of";
    for (const std::string& path : environments) message += "\n  " + printable(path);
    throw Error(message,
                "remove these environments first, or move them to another Python; --force removes it all the same");
  }
  if (!dry_run) remove_captured(store, interpreter);
  if (context.global.json) {
    Json document = json_document("python remove");
    document["python"] = json_stored_interpreter(store, interpreter);
    document["environments"] = environments;
    document["dry_run"] = dry_run;
    context.print(json_text(document));
  } else {
    context.say(fmt::format(
        "{} {}; `cas gc` gives back what only it used{}", dry_run ? "would remove" : "removed", interpreter.name,
        environments.empty() ? ""
                             : fmt::format(". {} no longer {}", counted(environments.size(), "environment"),
                                           environments.size() == 1 ? "works" : "work")));
  }
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kPythonRemoveCommand = {"python remove", "take a captured interpreter out of the store", kOptions, run};

}  // namespace cas
