// cas repair: brings back what is damaged, from whatever has good copies.
#include "linker/repair/repair.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/environments.hpp"
#include "cli/json_output.hpp"
#include "cli/package_arguments.hpp"
#include "cli/repair_report.hpp"
#include "cli/verify_options.hpp"
#include "cli/words.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/quarantine.hpp"

namespace cas {
namespace {

constexpr auto kOptions = joined_options(
    std::array{OptionSpec{"scrub", '\0', {}}, OptionSpec{"contents", '\0', {}},
               OptionSpec{"environment", '\0', "ENV", Repeat::yes}, OptionSpec{"discard-quarantine", '\0', {}}},
    kRepairSourceOptions);

RepairOptions read_options(const Context& context) {
  RepairOptions options;
  options.verify.depth = read_verify_depth(context.arguments);
  options.verify.threads = context.global.threads;
  options.run = context.arguments.has("dry-run") ? RepairRun::dry : RepairRun::real;
  options.stores = context.arguments.values("from");
  options.wheels = context.arguments.operands();
  for (const std::string& one : context.arguments.values("environment")) {
    options.environments.push_back(existing_environment(context.global, one));
  }
  return options;
}

std::string sum_text(const RepairResult& result, RepairRun run) {
  const auto repaired = std::ranges::count(result.problems, RepairOutcome::repaired, &RepairedProblem::outcome);
  std::string text = fmt::format("{}, {}: ", counted(result.packages, "package"), counted(result.objects, "object"));
  if (result.problems.empty() && result.relinked.empty()) return text + "sound\n";
  return text + fmt::format("{}, {} {}\n", counted(result.problems.size(), "problem"),
                            grouped(static_cast<std::uint64_t>(repaired)),
                            run == RepairRun::dry ? "would be repaired" : "repaired");
}

std::string json_report(const RepairResult& result, RepairRun run, int status) {
  Json document = json_document("repair");
  document["dry_run"] = run == RepairRun::dry;
  document["exit_status"] = status;
  document["objects"] = result.objects;
  document["packages"] = result.packages;
  add_repair(document, result);
  return json_text(document);
}

std::string discarded_text(const std::vector<QuarantinedFile>& files, bool dry_run) {
  const std::string verb = dry_run ? "would remove" : "removed";
  std::string text;
  std::uint64_t bytes = 0;
  for (const QuarantinedFile& file : files) {
    text += fmt::format("{} {}{}\n", verb, printable(file.path),
                        is_had_elsewhere(files, file) ? "; somebody has it still" : "");
    bytes += static_cast<std::uint64_t>(file.info.st_size);
  }
  return text + fmt::format("{} {}, {}\n", verb, counted(files.size(), "damaged file"), format_size(bytes));
}

int discard(const Context& context) {
  for (const char* option : {"scrub", "contents", "environment", "from"}) {
    if (!context.arguments.has(option)) continue;
    throw UsageError(fmt::format("--discard-quarantine repairs nothing: it does not go with --{}", option));
  }
  if (!context.arguments.operands().empty())
    throw UsageError("--discard-quarantine repairs nothing: it takes no wheels");
  const bool dry_run = context.arguments.has("dry-run");
  const std::vector<QuarantinedFile> files = discard_quarantine(context.open_store_to_change(), dry_run);
  if (context.global.json) {
    Json document = json_document("repair");
    document["dry_run"] = dry_run;
    document["discarded"] = Json::array();
    for (const QuarantinedFile& file : files) {
      document["discarded"].push_back(
          {{"path", file.path}, {"bytes", file.info.st_size}, {"had", is_had_elsewhere(files, file)}});
    }
    context.print(json_text(document));
  } else if (!context.global.quiet) {
    context.print(discarded_text(files, dry_run));
  }
  return static_cast<int>(ExitStatus::success);
}

int run(const Context& context) {
  if (context.arguments.has("discard-quarantine")) return discard(context);
  const RepairOptions options = read_options(context);
  const Store store = context.open_store_to_change();
  if (options.run == RepairRun::real) finish_interrupted_changes(context, store);
  PackageNetwork network(store, read_package_inputs(context, {}).network);
  const RepairResult result = repair_store(store, network, options, context.printer);
  context.printer.finish();
  const int status = static_cast<int>(is_sound(result) ? ExitStatus::success : ExitStatus::failure);
  for (const std::string& warning : result.warnings) context.printer.warning(warning);
  if (context.global.json) {
    context.print(json_report(result, options.run, status));
  } else if (status != 0 || !context.global.quiet) {
    context.print(repair_text(result, options.run, context.global.verbose) + sum_text(result, options.run));
  }
  return status;
}

}  // namespace

const Command kRepairCommand = {"repair", "bring back what is damaged, and heal environments", kOptions, run};

}  // namespace cas
