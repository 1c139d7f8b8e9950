// cas unshare: gives an environment its own copies of files that it shares.
#include "linker/unshare.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/json_output.hpp"
#include "cli/package_arguments.hpp"
#include "cli/repair_report.hpp"
#include "cli/words.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

constexpr const char* kUsage = "cas unshare ENV PATH... or cas unshare ENV --edited";
constexpr auto kOptions =
    joined_options(std::array{OptionSpec{"edited", '\0', {}}, OptionSpec{"contents", '\0', {}}}, kRepairSourceOptions);

UnshareOptions read_options(const Arguments& arguments) {
  const auto& operands = arguments.operands();
  UnshareOptions options;
  options.edited = arguments.has("edited");
  options.contents = arguments.has("contents");
  options.run = arguments.has("dry-run") ? RepairRun::dry : RepairRun::real;
  if (operands.empty()) throw UsageError("name an environment", kUsage);
  if (operands.size() == 1 && !options.edited)
    throw UsageError("name files of the environment, or say --edited", kUsage);
  if (operands.size() > 1 && options.edited)
    throw UsageError("files are named, and --edited finds them itself", kUsage);
  if (options.contents && !options.edited) throw UsageError("--contents says how thoroughly --edited looks", kUsage);
  options.paths.assign(operands.begin() + 1, operands.end());
  return options;
}

// Others had the file that was changed: they get the right one.
std::optional<RepairResult> heal(const Context& context, const Store& store, const UnshareResult& unshared,
                                 RepairRun run) {
  if (unshared.bad_inodes.empty()) return std::nullopt;
  RepairOptions options;
  options.run = run;
  options.stores = context.arguments.values("from");
  options.known_bad = unshared.bad_inodes;
  // One environment's edit is no reason to throw packages out of the store for all.
  options.lost = LostObjects::set_aside;
  PackageNetwork network(store, read_package_inputs(context, {}).network);
  RepairResult healed = repair_store(store, network, options, context.printer);
  // Its files would be its own by now.
  if (run == RepairRun::dry) {
    std::erase_if(healed.relinked, [&](const Relinked& tree) { return tree.path == unshared.path; });
  }
  return healed;
}

std::string text_report(const UnshareResult& result, RepairRun run) {
  std::string text;
  for (const Unshared& file : result.files) {
    text += fmt::format("  {}{}\n", printable(file.path), file.changed ? ", as it was changed" : "");
  }
  for (const std::string& path : result.already) text += fmt::format("  {} was its own already\n", printable(path));
  return fmt::format("{}: {} {}\n", printable(result.path), counted(result.files.size(), "file"),
                     run == RepairRun::dry      ? "would be its own"
                     : result.files.size() == 1 ? "is its own now"
                                                : "are its own now") +
         text;
}

std::string json_report(const UnshareResult& result, const std::optional<RepairResult>& healed, RepairRun run) {
  Json document = json_document("unshare");
  document["path"] = result.path;
  document["dry_run"] = run == RepairRun::dry;
  document["files"] = Json::array();
  for (const Unshared& file : result.files)
    document["files"].push_back({{"path", file.path}, {"changed", file.changed}});
  document["already"] = result.already;
  add_repair(document, healed.value_or(RepairResult{}));
  return json_text(document);
}

int run(const Context& context) {
  const UnshareOptions options = read_options(context.arguments);
  const std::string path = existing_environment(context.global, context.arguments.operands().front());
  const Store store = context.open_store_to_change();
  const UnshareResult result = unshare_files(store, path, options);
  const std::optional<RepairResult> healed = heal(context, store, result, options.run);
  context.printer.finish();
  if (healed) {
    for (const std::string& warning : healed->warnings) context.printer.warning(warning);
  }
  if (context.global.json) {
    context.print(json_report(result, healed, options.run));
  } else if (!context.global.quiet) {
    context.print(text_report(result, options.run));
    if (healed) context.print(repair_text(*healed, options.run, context.global.verbose));
  }
  return static_cast<int>(!healed || is_sound(*healed) ? ExitStatus::success : ExitStatus::failure);
}

}  // namespace

const Command kUnshareCommand = {"unshare", "give an environment its own copies of files", kOptions, run};

}  // namespace cas
