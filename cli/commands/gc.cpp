// cas gc: gives back what no environment uses.
#include "store/gc.hpp"

#include <fmt/format.h>

#include <set>

#include "cli/commands/commands.hpp"
#include "cli/environments.hpp"
#include "cli/json_output.hpp"
#include "cli/script_environments.hpp"
#include "cli/words.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/base/timing.hpp"
#include "store/verify.hpp"

namespace cas {
namespace {

constexpr OptionSpec kOptions[] = {{"dry-run", '\0', {}},          {"max-age", '\0', "AGE"},
                                   {"max-size", '\0', "SIZE"},     {"scripts-max-age", '\0', "AGE"},
                                   {"pages-max-age", '\0', "AGE"}, {"drop-history", '\0', {}}};

std::chrono::seconds read_age(std::string_view option, const std::string& text) {
  const auto age = parse_duration(text);
  if (!age) throw UsageError(fmt::format("--{} is an age like 12h, 30d or 2w, not '{}'", option, text));
  return *age;
}

GcOptions read_options(const Arguments& arguments) {
  if (!arguments.operands().empty()) throw UsageError("`cas gc` takes no arguments", "see `cas help gc`");
  GcOptions options;
  options.dry_run = arguments.has("dry-run");
  options.drop_history = arguments.has("drop-history");
  if (const auto text = arguments.value("max-age")) options.max_age = read_age("max-age", *text);
  if (const auto text = arguments.value("pages-max-age")) options.pages_max_age = read_age("pages-max-age", *text);
  if (const auto text = arguments.value("max-size")) {
    options.max_size = parse_size(*text);
    if (!options.max_size) throw UsageError(fmt::format("--max-size is a size like 500M or 10G, not '{}'", *text));
  }
  return options;
}

std::string text_report(const GcResult& result, const std::vector<std::string>& scripts, const GcOptions& options) {
  const char* verb = options.dry_run ? "would remove" : "removed";
  std::string text;
  for (const std::string& path : scripts) text += fmt::format("{} {}: no script used it\n", verb, printable(path));
  for (const std::string& path : result.gone) text += fmt::format("{} was deleted\n", printable(path));
  for (const GcPackage& package : result.packages) {
    text += fmt::format("{} {} {}: {}\n", verb, package.name, package.version, package.reason);
  }
  text += fmt::format("{} {} and {}, {}", verb, counted(result.packages.size(), "package"),
                      counted(result.objects_removed, "object"), format_size(result.bytes_freed));
  if (result.leftovers_removed > 0) text += fmt::format(", {}", counted(result.leftovers_removed, "leftover"));
  text += fmt::format("; kept {} for {}", counted(result.objects_kept, "object"),
                      counted(result.environments, "environment"));
  if (result.objects_held > 0) text += fmt::format(", {} held by links elsewhere", grouped(result.objects_held));
  if (result.pages.count > 0) {
    text += fmt::format("\n{} {} of indexes, {}", verb, counted(result.pages.count, "old page"),
                        format_size(result.pages.bytes));
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
  document["gone"] = result.gone;
  document["scripts"] = scripts;
  document["packages"] = Json::array();
  for (const GcPackage& package : result.packages) {
    document["packages"].push_back({{"name", package.name},
                                    {"version", package.version},
                                    {"file_name", package.file_name},
                                    {"sha256", package.artifact.hex()},
                                    {"reason", package.reason}});
  }
  document["objects_removed"] = result.objects_removed;
  document["bytes_freed"] = result.bytes_freed;
  document["objects_kept"] = result.objects_kept;
  document["objects_held"] = result.objects_held;
  document["leftovers_removed"] = result.leftovers_removed;
  document["pages"] = {{"removed", result.pages.count}, {"bytes", result.pages.bytes}};
  document["batches"] = result.batches;
  document["history"] = {
      {"revisions", result.history_revisions}, {"packages", result.history_packages}, {"bytes", result.history_bytes}};
  document["warnings"] = result.warnings;
  return json_text(document);
}

// A collection goes through everything: a moment more tells whether objects were changed through their links.
void warn_of_changed_objects(const Context& context, const Store& store) {
  constexpr std::chrono::milliseconds kMost{250};
  const VerifyResult seen = glance_at_objects(store, kMost);
  std::set<std::string> environments;
  std::uint64_t objects = 0;
  for (const Problem& problem : seen.problems) {
    objects += problem.object ? 1 : 0;
    environments.insert(problem.environments.begin(), problem.environments.end());
  }
  if (objects == 0) return;
  context.printer.warning(fmt::format(
      "{} changed in place, or gone{}{}; `cas verify` names them, `cas repair` brings them back",
      objects == 1 ? "1 object was" : grouped(objects) + " objects were", environments.empty() ? "" : ": seen by ",
      printable(joined({environments.begin(), environments.end()}))));
}

int run(const Context& context) {
  GcOptions options = read_options(context.arguments);
  const auto age = context.arguments.value("scripts-max-age");
  const std::chrono::seconds scripts_max_age = age ? read_age("scripts-max-age", *age) : kScriptsMaxAge;
  const Store store = context.open_store();
  if (!options.dry_run) finish_interrupted_changes(context, store);
  std::vector<std::string> scripts;
  for (const Anchor& anchor : remove_unused_scripts(context, store, scripts_max_age, options.dry_run)) {
    scripts.push_back(anchor.target);
    if (options.dry_run) options.leaving.push_back(anchor.id);
  }
  const GcResult result = [&] {
    const Timer timer("collect");
    return collect_garbage(store, options, context.printer);
  }();
  context.printer.finish();
  for (const std::string& warning : result.warnings) context.printer.warning(warning);
  warn_of_changed_objects(context, store);
  context.say(text_report(result, scripts, options));
  if (context.global.json) context.print(json_report(result, scripts, options));
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kGcCommand = {"gc", "give back what no environment uses", kOptions, run};

}  // namespace cas
