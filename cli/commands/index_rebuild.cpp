// cas index rebuild: the index again from what lies on disk.
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/words.hpp"
#include "linker/plan_restoration.hpp"
#include "store/base/error.hpp"
#include "store/rebuild.hpp"

namespace cas {
namespace {

std::string text_report(const RebuildResult& result, const RestoredPlans& plans) {
  std::string text =
      fmt::format("rebuilt the index: {}, {}", counted(result.packages, "package"), counted(result.objects, "object"));
  if (result.removed > 0) {
    text += fmt::format("; removed {}",
                        counted(result.removed, "file that was no sound object", "files that were no sound objects"));
  }
  if (plans.restored > 0) {
    text += fmt::format("; made {} of environments again", counted(plans.restored, "plan"));
  }
  return text;
}

std::string json_report(const RebuildResult& result, const RestoredPlans& plans) {
  Json document = json_document("index rebuild");
  document["objects"] = result.objects;
  document["removed"] = result.removed;
  document["packages"] = result.packages;
  document["incomplete"] = result.incomplete;
  document["plans"] = plans.restored;
  document["plan_failures"] = plans.failures;
  return json_text(document);
}

int run(const Context& context) {
  if (!context.arguments.operands().empty()) throw UsageError("`cas index rebuild` takes no arguments");
  // Without opening the store: its index may be what is damaged.
  const RebuildResult result = rebuild_index(store_options(context.global), context.global.threads, context.printer);
  const RestoredPlans plans = restore_plans(context.open_store(), context.printer);
  context.printer.finish();
  for (const std::string& failure : plans.failures)
    context.printer.warning("which bytecode was placed is not known any more: " + failure);
  for (const std::string& package : result.incomplete) context.printer.warning(package);
  context.say(text_report(result, plans));
  if (context.global.json) context.print(json_report(result, plans));
  return static_cast<int>(result.incomplete.empty() ? ExitStatus::success : ExitStatus::failure);
}

}  // namespace

const Command kIndexRebuildCommand = {"index rebuild", "make the index again from what lies on disk", {}, run};

}  // namespace cas
