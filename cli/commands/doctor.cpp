// cas doctor: what is wrong with environments, and putting it right.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/json_output.hpp"
#include "cli/words.hpp"
#include "linker/diagnosis.hpp"
#include "linker/environment_restoring.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr OptionSpec kOptions[] = {{"fix", '\0', {}}, {"dry-run", '\0', {}}};
constexpr std::size_t kShown = 20;  // of one kind, without --verbose

struct Examined {
  std::string path;
  std::vector<Finding> findings;
  bool fixed = false;                 // --fix did what it could
  bool fixable = false;               // with --dry-run: nothing is known to stand in its way
  std::string failure, hint;          // or why it could not
  std::vector<std::string> warnings;  // of fixing
};

bool has_fault(const std::vector<Finding>& findings) {
  return std::ranges::any_of(findings, [](const Finding& finding) { return finding.fault; });
}

std::string verdict(const Examined& examined) {
  if (!examined.failure.empty()) {
    return fmt::format("could not be put right: {}{}{}", examined.failure,
                       examined.hint.empty() ? "" : "\n  hint: ", examined.hint);
  }
  const bool fault = has_fault(examined.findings);
  if (examined.fixable) return "would be put right";
  if (examined.fixed) return fault ? "could not be put right: what follows stays" : "put right; now sound";
  return fault ? "not as it was made" : "sound";
}

// What keeps one environment from being put right says nothing about the next.
void put_right(const Store& store, Examined& examined, Progress& progress) {
  try {
    examined.warnings = restore_environment(store, examined.path, progress).warnings;
    examined.fixed = true;
  } catch (const Error& error) {
    examined.failure = error.message();
    examined.hint = error.hint();
  }
  examined.findings = diagnose_environment(store, examined.path);
}

void foresee(const Store& store, Examined& examined) {
  try {
    foresee_restoration(store, examined.path);
    examined.fixable = true;
  } catch (const Error& error) {
    examined.failure = error.message();
    examined.hint = error.hint();
  }
}

std::string text_report(const Examined& examined, bool verbose) {
  std::string text = fmt::format("{}: {}\n", printable(examined.path), verdict(examined));
  std::map<FindingKind, std::size_t> shown;
  std::size_t left_out = 0;
  for (const Finding& finding : examined.findings) {
    if (!verbose && shown[finding.kind]++ >= kShown) {
      ++left_out;
      continue;
    }
    text += fmt::format("  {:<20} {}{}{}\n", finding_word(finding.kind), printable(finding.path),
                        finding.path.empty() ? "" : " ", finding.detail);
  }
  if (left_out > 0) text += fmt::format("  and {} more (--verbose)\n", left_out);
  return text;
}

Json json_report(const Examined& examined) {
  Json environment;
  environment["path"] = examined.path;
  environment["sound"] = !has_fault(examined.findings);
  environment["fixed"] = examined.fixed;
  environment["fixable"] = examined.fixable;
  environment["failure"] = examined.failure.empty() ? Json(nullptr) : Json(examined.failure);
  environment["hint"] = examined.hint.empty() ? Json(nullptr) : Json(examined.hint);
  environment["warnings"] = examined.warnings;
  environment["findings"] = Json::array();
  for (const Finding& finding : examined.findings) {
    environment["findings"].push_back({{"kind", finding_word(finding.kind)},
                                       {"path", finding.path},
                                       {"detail", finding.detail},
                                       {"fault", finding.fault}});
  }
  return environment;
}

int run(const Context& context) {
  const auto& operands = context.arguments.operands();
  if (operands.empty()) throw UsageError("name at least one environment", "cas doctor ENV...");
  const bool dry_run = context.arguments.has("dry-run");
  const bool fix = context.arguments.has("fix") && !dry_run;
  if (dry_run && !context.arguments.has("fix")) {
    throw UsageError("--dry-run says what --fix would do: without it nothing is changed anyway");
  }
  const Store store = fix ? context.open_store_to_change() : context.open_store();
  std::vector<Examined> all;
  for (const std::string& operand : operands) {
    Examined examined;
    examined.path = environment_operand(context.global, operand);
    examined.findings = diagnose_environment(store, examined.path);
    if (fix && has_fault(examined.findings)) put_right(store, examined, context.printer);
    if (dry_run && has_fault(examined.findings)) foresee(store, examined);
    all.push_back(std::move(examined));
  }
  context.printer.finish();
  Json document = json_document("doctor");
  document["dry_run"] = dry_run;
  document["environments"] = Json::array();
  for (const Examined& examined : all) {
    for (const std::string& warning : examined.warnings) context.printer.warning(warning);
    document["environments"].push_back(json_report(examined));
    if (context.global.json || (context.global.quiet && !has_fault(examined.findings))) continue;
    context.print(text_report(examined, context.global.verbose));
  }
  if (context.global.json) context.print(json_text(document));
  const bool sound =
      std::ranges::none_of(all, [](const Examined& one) { return has_fault(one.findings) && !one.fixable; });
  return static_cast<int>(sound ? ExitStatus::success : ExitStatus::failure);
}

}  // namespace

const Command kDoctorCommand = {"doctor",        "what is wrong with an environment",
                                kOptions,        run,
                                Ending::returns, 0,
                                nullptr,         EnvironmentOperand::first};

}  // namespace cas
