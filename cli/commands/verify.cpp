// cas verify: is the store what its index says?
#include "store/verify.hpp"

#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/words.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/base/timing.hpp"

namespace cas {
namespace {

constexpr OptionSpec kOptions[] = {{"scrub", '\0', {}}, {"contents", '\0', {}}};

VerifyDepth read_depth(const Arguments& arguments) {
  if (!arguments.operands().empty()) throw UsageError("`cas verify` takes no arguments", "see `cas help verify`");
  const bool scrub = arguments.has("scrub");
  const bool contents = arguments.has("contents");
  if (scrub && contents) throw UsageError("--scrub and --contents exclude each other", "--contents finds more");
  return contents ? VerifyDepth::contents : scrub ? VerifyDepth::scrub : VerifyDepth::metadata;
}

std::string_view depth_name(VerifyDepth depth) {
  switch (depth) {
    case VerifyDepth::metadata:
      return "metadata";
    case VerifyDepth::scrub:
      return "scrub";
    case VerifyDepth::contents:
      return "contents";
  }
  return "unknown";
}

int status_of(const VerifyResult& result) {
  int status = static_cast<int>(ExitStatus::success);
  for (const Problem& problem : result.problems) status |= exit_bit(problem.kind);
  return status;
}

std::string text_report(const VerifyResult& result) {
  std::string text;
  for (const Problem& problem : result.problems) {
    text += fmt::format("{}: {}\n", problem_kind_name(problem.kind), problem.what);
    if (!problem.packages.empty()) text += fmt::format("  in {}\n", joined(problem.packages));
    if (!problem.remedy.empty()) text += fmt::format("  remedy: {}\n", printable(problem.remedy));
  }
  text += fmt::format("{}, {}, {}: ", counted(result.packages, "package"), counted(result.objects, "object"),
                      format_size(result.bytes));
  text += result.problems.empty() ? "sound" : counted(result.problems.size(), "problem");
  if (result.orphans > 0) {
    text += fmt::format("; {} that `cas gc` will remove", counted(result.orphans, "leftover file"));
  }
  return text + "\n";
}

std::string json_report(const VerifyResult& result, VerifyDepth depth, int status) {
  Json document = json_document("verify");
  document["depth"] = depth_name(depth);
  document["exit_status"] = status;
  document["objects"] = result.objects;
  document["bytes"] = result.bytes;
  document["packages"] = result.packages;
  document["orphans"] = result.orphans;
  document["problems"] = Json::array();
  for (const Problem& problem : result.problems) {
    document["problems"].push_back({{"kind", problem_kind_name(problem.kind)},
                                    {"what", problem.what},
                                    {"packages", problem.packages},
                                    {"remedy", problem.remedy.empty() ? Json(nullptr) : Json(problem.remedy)},
                                    {"exit_bit", exit_bit(problem.kind)}});
  }
  return json_text(document);
}

int run(const Context& context) {
  const VerifyDepth depth = read_depth(context.arguments);
  const Store store = context.open_store();
  const VerifyResult result = [&] {
    const Timer timer("verify");
    return verify_store(store, depth, context.global.threads, context.printer);
  }();
  context.printer.finish();
  const int status = status_of(result);
  if (context.global.json) {
    context.print(json_report(result, depth, status));
  } else if (status != 0 || !context.global.quiet) {
    context.print(text_report(result));
  }
  return status;
}

}  // namespace

const Command kVerifyCommand = {"verify", "check the store's objects and packages", kOptions, run};

}  // namespace cas
