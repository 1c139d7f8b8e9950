// cas gc: gives back what no environment uses.
#include "store/gc.hpp"

#include <fmt/format.h>

#include <array>
#include <set>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/environments.hpp"
#include "cli/gc_listings.hpp"
#include "cli/gc_options.hpp"
#include "cli/json_output.hpp"
#include "cli/script_environments.hpp"
#include "cli/words.hpp"
#include "linker/inode_holders.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/base/timing.hpp"
#include "store/roots.hpp"
#include "store/verify.hpp"

namespace cas {
namespace {

constexpr std::array kOwnOptions{
    OptionSpec{"scripts-max-age", '\0', "AGE"},
    OptionSpec{"pages-max-age", '\0', "AGE"},
    OptionSpec{"forget", '\0', "ENV", Repeat::yes},
    OptionSpec{"print-roots", '\0', {}},
    OptionSpec{"print-live", '\0', {}},
    OptionSpec{"print-dead", '\0', {}},
};
constexpr auto kOptions = joined_options(kGcPolicyOptions, kOwnOptions);

// The one of --print-roots, --print-live and --print-dead that is given; "": none. Throws UsageError where there are several.
std::string what_to_print(const Arguments& arguments) {
  std::string given;
  for (const char* option : {"print-roots", "print-live", "print-dead"}) {
    if (!arguments.has(option)) continue;
    if (!given.empty()) throw UsageError(fmt::format("--{} and --{} exclude each other", given, option));
    given = option;
  }
  return given;
}

// Names are those of environments that are there; what is forgotten is not, so a name means where it would be.
std::vector<Root> forgettable(const Context& context, const Store& store, const std::string& operand) {
  try {
    return find_forgettable(store, operand);
  } catch (const NotFound&) {
    if (operand.find('/') != std::string::npos) throw;
  }
  return find_forgettable(store, environments_directory(context.global) + "/" + operand);
}

std::string_view stop_word(GcStop stop) {
  switch (stop) {
    case GcStop::finished:
      return "finished";
    case GcStop::enough_free:
      return "enough-free";
    case GcStop::max_freed:
      return "max-freed";
    case GcStop::max_duration:
      return "max-duration";
  }
  return "";
}

// "bytecode for six 1.17.0, numpy 2.4.6 and 12 more"
std::string plan_words(const GcPlan& plan) {
  constexpr std::size_t kNamed = 3;
  const std::size_t named = std::min(plan.packages.size(), kNamed);
  std::string text = "what was compiled and made for environments of ";
  text += plan.packages.empty() ? "nothing" : joined({plan.packages.begin(), plan.packages.begin() + named});
  if (plan.packages.size() > named) text += fmt::format(" and {} more", plan.packages.size() - named);
  return text;
}

std::string text_report(const GcResult& result, const std::vector<std::string>& scripts, const GcOptions& options) {
  if (result.stop == GcStop::enough_free) return "enough of the disk is free: nothing to do";
  const char* verb = options.dry_run ? "would remove" : "removed";
  std::string text;
  for (const std::string& path : scripts) text += fmt::format("{} {}: no script used it\n", verb, printable(path));
  for (const std::string& path : result.forgotten) {
    text += fmt::format("{} {}\n", options.dry_run ? "would forget" : "forgot", printable(path));
  }
  for (const std::string& path : result.gone) text += fmt::format("{} was deleted\n", printable(path));
  for (const GcPackage& package : result.packages) {
    text += fmt::format("{} {} {}: {}\n", verb, package.name, package.version, package.reason);
  }
  for (const GcPlan& plan : result.plans) {
    text += fmt::format("{} {}: {}\n", verb, printable(plan_words(plan)), plan.reason);
  }
  text += fmt::format("{} {} and {}, {}", verb, counted(result.packages.size(), "package"),
                      counted(result.objects_removed, "object"), format_size(result.bytes_freed));
  if (result.leftovers_removed > 0) text += fmt::format(", {}", counted(result.leftovers_removed, "leftover"));
  text += fmt::format("; kept {} for {}", counted(result.objects_kept, "object"),
                      counted(result.environments, "environment"));
  if (result.unseen > 0) {
    text += fmt::format(", {} of them out of sight (`cas list` shows which; `cas gc --forget` lets go of what is gone)",
                        grouped(result.unseen));
  }
  if (result.objects_held > 0) text += fmt::format(", {} held by links elsewhere", grouped(result.objects_held));
  if (result.pages.count > 0) {
    text += fmt::format("\n{} {} of indexes, {}", verb, counted(result.pages.count, "old page"),
                        format_size(result.pages.bytes));
  }
  if (result.stop == GcStop::max_duration || result.stop == GcStop::max_freed) {
    text += fmt::format("\nstopped by --{}; the next `cas gc` goes on", stop_word(result.stop));
    if (result.objects_left > 0) text += fmt::format(" with {}", counted(result.objects_left, "object"));
  }
  if (result.history_dropped > 0) {
    text += fmt::format("\n{} {} of environments", options.dry_run ? "would drop" : "dropped",
                        counted(result.history_dropped, "revision"));
  }
  if (result.history_packages > 0) {
    text += fmt::format("\nhistory holds {}, {}, for {} (`cas gc --drop-history` lets them go)",
                        counted(result.history_packages, "package"), format_size(result.history_bytes),
                        counted(result.history_revisions, "revision"));
  }
  return text;
}

std::string json_report(const GcResult& result, const std::vector<std::string>& scripts, const GcOptions& options) {
  Json document = json_document("gc");
  document["dry_run"] = options.dry_run;
  document["environments"] = result.environments;
  document["unseen"] = result.unseen;
  document["stop"] = stop_word(result.stop);
  document["gone"] = result.gone;
  document["forgotten"] = result.forgotten;
  document["scripts"] = scripts;
  document["packages"] = Json::array();
  for (const GcPackage& package : result.packages) {
    document["packages"].push_back({{"name", package.name},
                                    {"version", package.version},
                                    {"file_name", package.file_name},
                                    {"sha256", package.artifact.hex()},
                                    {"reason", package.reason}});
  }
  document["plans"] = json_plans(result.plans);
  document["objects_removed"] = result.objects_removed;
  document["bytes_freed"] = result.bytes_freed;
  document["objects_kept"] = result.objects_kept;
  document["objects_held"] = result.objects_held;
  document["objects_left"] = result.objects_left;
  document["leftovers_removed"] = result.leftovers_removed;
  document["pages"] = {{"removed", result.pages.count}, {"bytes", result.pages.bytes}};
  document["batches"] = result.batches;
  document["history"] = {{"revisions", result.history_revisions},
                         {"packages", result.history_packages},
                         {"bytes", result.history_bytes},
                         {"dropped", result.history_dropped}};
  document["warnings"] = result.warnings;
  return json_text(document);
}

// A collection goes through everything: a moment more tells whether objects were changed through their links.
void warn_of_changed_objects(const Context& context, const Store& store) {
  constexpr std::chrono::milliseconds kMost{250};
  VerifyResult seen = glance_at_objects(store, kMost);
  keep_holders(store, seen.problems);
  constexpr std::size_t kNamed = 3;
  std::set<std::string> environments;
  std::vector<std::string> named;
  std::uint64_t objects = 0;
  for (const Problem& problem : seen.problems) {
    objects += problem.object ? 1 : 0;
    if (problem.object && named.size() < kNamed) named.push_back(problem.object->file_name());
    environments.insert(problem.environments.begin(), problem.environments.end());
  }
  if (objects == 0) return;
  context.printer.warning(
      fmt::format("{} changed in place, or gone ({}{}){}{}; `cas verify` says how, `cas repair` brings them back",
                  objects == 1 ? "1 object was" : grouped(objects) + " objects were", joined(named),
                  objects > named.size() ? ", ..." : "", environments.empty() ? "" : ": seen by ",
                  printable(joined({environments.begin(), environments.end()}))));
}

int run(const Context& context) {
  const Arguments& arguments = context.arguments;
  if (!arguments.operands().empty()) throw UsageError("`cas gc` takes no arguments", "see `cas help gc`");
  GcOptions options = read_gc_options(arguments);
  const std::string print = what_to_print(arguments);
  if (arguments.has("forget") && (options.min_free || options.max_free)) {
    throw UsageError("--forget does not go with --min-free or --max-free, with which often nothing at all is done",
                     "forget first, and collect then");
  }
  const auto age = arguments.value("scripts-max-age");
  const std::chrono::seconds scripts_max_age = age ? read_age("--scripts-max-age", *age) : kScriptsMaxAge;
  if (const auto text = arguments.value("pages-max-age")) options.pages_max_age = read_age("--pages-max-age", *text);
  const Store store = context.open_store();
  for (const std::string& operand : arguments.values("forget")) {
    for (const Root& root : forgettable(context, store, operand)) options.forgotten.push_back(root.anchor.id);
  }
  if (print == "print-roots") {
    print_roots(context, store);
    return static_cast<int>(ExitStatus::success);
  }
  if (!print.empty()) options.dry_run = true;
  if (!options.dry_run) store.require_writable();
  const bool enough_is_free = wanted_blocks(store, options) == 0U;
  if (!options.dry_run && !enough_is_free) finish_interrupted_changes(context, store);
  std::vector<std::string> scripts;
  if (!enough_is_free) {
    for (const Anchor& anchor : remove_unused_scripts(context, store, scripts_max_age, options.dry_run)) {
      scripts.push_back(anchor.target);
      if (options.dry_run) options.leaving.push_back(anchor.id);
    }
  }
  if (!print.empty()) {
    print_side(context, store, options, print == "print-live" ? GcSide::live : GcSide::dead);
    return static_cast<int>(ExitStatus::success);
  }
  GcResult result = [&] {
    const Timer timer("collect");
    try {
      return collect_garbage(store, options, context.printer);
    } catch (const Interrupted&) {
      context.printer.finish();
      if (!options.dry_run) context.printer.warning("what was removed stays removed; the next `cas gc` goes on");
      throw;
    }
  }();
  context.printer.finish();
  if (result.frees_too_little) {
    result.warnings.push_back(fmt::format("less than {} of the disk is free even {} all that may go",
                                          format_size(free_target(options)), options.dry_run ? "without" : "after"));
  }
  for (const std::string& warning : result.warnings) context.printer.warning(warning);
  warn_of_changed_objects(context, store);
  context.say(text_report(result, scripts, options));
  if (context.global.json) context.print(json_report(result, scripts, options));
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kGcCommand = {"gc", "give back what no environment uses", kOptions, run};

}  // namespace cas
