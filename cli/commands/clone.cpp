// cas clone: another environment of the same packages.
#include <fmt/format.h>

#include <chrono>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/json_output.hpp"
#include "cli/words.hpp"
#include "linker/environment_clone.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

constexpr std::string_view kUsage = "cas clone ENV NEW|-n NAME [--with-changes]";

constexpr OptionSpec kOptions[] = {{"name", 'n', "NAME"}, {"with-changes", '\0', {}}};

std::string json_report(const CloneResult& result) {
  Json document = json_document("clone");
  document["source"] = result.source;
  document["path"] = result.created.path;
  document["python"] = result.created.interpreter.version;
  document["base"] = base_kind_name(result.created.base);
  document["packages"] = Json::array();
  for (const AnchoredPackage& package : result.created.packages) {
    document["packages"].push_back({{"name", package.name},
                                    {"version", package.version},
                                    {"sha256", package.artifact.hex()},
                                    {"requested", package.requested}});
  }
  document["files"] = result.created.files;
  document["plan_reused"] = result.created.plan_reused;
  document["added"] = result.added;
  document["edited"] = result.edited;
  document["missing"] = result.missing;
  document["changes_cloned"] = result.changes_cloned;
  document["other_packages"] = result.other_packages;
  document["warnings"] = result.created.warnings;
  return json_text(document);
}

void report_changes(const Context& context, const CloneResult& result) {
  const std::uint64_t files = result.added + result.edited;
  if (result.changes_cloned) {
    if (files > 0) context.say(fmt::format("{} of yours copied", counted(files, "file")));
    return;
  }
  if (!result.other_packages.empty()) {
    context.printer.warning("not cloned, because cas did not install it: " + joined(result.other_packages) +
                            " (--with-changes copies it)");
  }
  std::vector<std::string> parts;
  if (result.added > 0) parts.push_back(grouped(result.added) + " added");
  if (result.edited > 0) parts.push_back(grouped(result.edited) + " edited");
  if (result.missing > 0) parts.push_back(grouped(result.missing) + " removed");
  if (!parts.empty()) context.say("since it was made, files were: " + joined(parts) + "; the clone is as it was made");
}

int run(const Context& context) {
  const auto start = std::chrono::steady_clock::now();
  const auto& operands = context.arguments.operands();
  if (operands.empty()) throw UsageError("no environment is named", std::string(kUsage));
  if (operands.size() > 2) throw UsageError("too many arguments", std::string(kUsage));
  const std::string path =
      new_environment(context.global, operands.size() > 1 ? std::optional(operands[1]) : std::nullopt,
                      context.arguments.value("name"), kUsage);
  CloneOptions options;
  options.with_changes = context.arguments.has("with-changes");
  options.threads = context.global.threads;
  const Store store = context.open_store_to_change();
  const CloneResult result =
      clone_environment(store, existing_environment(context.global, operands.front()), path, options, context.printer);
  context.printer.finish();
  for (const std::string& warning : result.created.warnings) context.printer.warning(warning);
  report_changes(context, result);
  context.say(fmt::format("cloned {} to {}: Python {}, {}, {} in {}", printable(result.source),
                          printable(result.created.path), result.created.interpreter.version,
                          counted(result.created.packages.size(), "package"), counted(result.created.files, "file"),
                          format_duration(std::chrono::steady_clock::now() - start)));
  if (context.global.json) context.print(json_report(result));
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kCloneCommand = {"clone", "another environment of the same packages", kOptions, run};

}  // namespace cas
