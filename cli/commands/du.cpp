// cas du: what environments and store take on disk.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/environments.hpp"
#include "cli/json_output.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"
#include "linker/environment.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/base/timing.hpp"
#include "store/usage.hpp"

namespace cas {
namespace {

// Those named, else every environment that lies where it was made.
std::vector<std::string> measured_paths(const Context& context, const Store& store) {
  std::vector<std::string> paths;
  for (const std::string& operand : context.arguments.operands()) {
    paths.push_back(existing_environment(context.global, operand));
  }
  if (!paths.empty()) return paths;
  for (const Root& root : list_environments(store)) {
    if (root.state == AnchorState::live && root.at_target) {
      paths.push_back(root.anchor.target);
    } else if (root.state == AnchorState::live) {
      context.printer.warning(
          is_closed(root)
              ? fmt::format("{} is not measured: it lies in a directory of another user's",
                            printable(root.anchor.target))
              : fmt::format("{} was moved: name its new path to measure it", printable(root.anchor.target)));
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<EnvironmentUsage> measure(const Context& context, const Store& store) {
  const Timer timer("measure environments");
  const bool named = !context.arguments.operands().empty();
  const std::vector<std::string> paths = measured_paths(context, store);
  context.printer.phase("measuring environments", paths.size());
  std::vector<EnvironmentUsage> usages;
  for (const std::string& path : paths) {
    try {
      recover_environment(store, path);
      usages.push_back(measure_environment(store, path));
    } catch (const NotFound&) {
      if (named) throw;  // else it was removed a moment ago
    }
    context.printer.advance(1);
  }
  context.printer.finish();
  return usages;
}

std::string environments_table(const std::vector<EnvironmentUsage>& usages) {
  if (usages.empty()) return "no environments\n";
  TextTable table({{"Environment"},
                   {"Apparent", Align::right},
                   {"Shared", Align::right},
                   {"Own", Align::right},
                   {"Directories", Align::right},
                   {"Freed by removal", Align::right},
                   {"and by gc", Align::right}});
  for (const EnvironmentUsage& usage : usages) {
    table.add_row({printable(usage.path), format_size(usage.apparent_bytes), format_size(usage.shared_bytes),
                   format_size(usage.own_bytes), format_size(usage.directory_bytes),
                   format_size(usage.freed_by_removal), format_size(usage.freed_after_gc)});
  }
  return table.text();
}

std::string store_text(const Store& store, const StoreUsage& usage) {
  return fmt::format(
      "store {}: {}, {}\n"
      "  {} would take {} alone: {} saved\n"
      "  {} would take {} as copies: {} saved\n",
      printable(store.layout().root()), counted(usage.objects, "object"), format_size(usage.object_bytes),
      counted(usage.packages, "package"), format_size(usage.package_bytes), format_size(usage.saved_between_packages),
      counted(usage.environments, "environment"), format_size(usage.environment_bytes),
      format_size(usage.saved_between_environments));
}

Json json_environment_usage(const EnvironmentUsage& usage) {
  return {{"path", usage.path},
          {"files", usage.files},
          {"directories", usage.directories},
          {"apparent_bytes", usage.apparent_bytes},
          {"shared_bytes", usage.shared_bytes},
          {"own_bytes", usage.own_bytes},
          {"directory_bytes", usage.directory_bytes},
          {"freed_by_removal_bytes", usage.freed_by_removal},
          {"freed_after_gc_bytes", usage.freed_after_gc}};
}

std::string json_report(const Store& store, const std::vector<EnvironmentUsage>& usages, const StoreUsage& total) {
  Json document = json_document("du");
  document["environments"] = Json::array();
  for (const EnvironmentUsage& usage : usages) document["environments"].push_back(json_environment_usage(usage));
  document["store"] = {{"path", store.layout().root()},
                       {"objects", total.objects},
                       {"object_bytes", total.object_bytes},
                       {"packages", total.packages},
                       {"package_bytes", total.package_bytes},
                       {"artifact_bytes", total.artifact_bytes},
                       {"environments", total.environments},
                       {"environment_bytes", total.environment_bytes},
                       {"saved_between_packages_bytes", total.saved_between_packages},
                       {"saved_between_environments_bytes", total.saved_between_environments}};
  return json_text(document);
}

int run(const Context& context) {
  const Store store = context.open_store();
  if (context.arguments.operands().empty()) finish_interrupted_changes(context, store);
  const std::vector<EnvironmentUsage> usages = measure(context, store);
  const StoreUsage total = measure_store(store);
  context.print(context.global.json ? json_report(store, usages, total)
                                    : environments_table(usages) + "\n" + store_text(store, total));
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kDuCommand = {
    "du", "what environments and store take on disk", {}, run, Ending::returns, 0, nullptr, EnvironmentOperand::first};

}  // namespace cas
