#include "cli/repair_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/words.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

constexpr std::size_t kShown = 20;  // files of one environment, without --verbose

std::string_view outcome_word(RepairOutcome outcome) {
  switch (outcome) {
    case RepairOutcome::repaired:
      return "repaired";
    case RepairOutcome::forgotten:
      return "forgotten";
    case RepairOutcome::set_aside:
      return "set-aside";
    case RepairOutcome::unrepaired:
      return "unrepaired";
  }
  return "unrepaired";
}

// Of a problem that stays.
std::string lasting_text(const RepairedProblem& one, const RepairResult& result, bool dry) {
  switch (one.outcome) {
    case RepairOutcome::repaired:
      return {};
    case RepairOutcome::forgotten:
      return dry ? "nobody here has a good copy; unless an index has one, it would be taken out of the store"
                 : "nobody has a good copy; it is out of the store";
    case RepairOutcome::set_aside:
      return fmt::format("{}; nothing {} made of it until `cas repair` brings it back",
                         dry                   ? "nobody here has a good copy"
                         : result.all_answered ? "nobody has a good copy"
                                               : "not everybody who may have a good copy could be asked",
                         dry ? "would be" : "is");
    case RepairOutcome::unrepaired:
      break;
  }
  std::string text = dry                   ? "nobody here has it, and indexes are not asked now"
                     : result.all_answered ? "could not be repaired"
                                           : "could not be repaired; not everybody who may have it could be asked";
  if (!one.problem.remedy.empty()) text += "; remedy: " + printable(one.problem.remedy);
  return text;
}

std::string problem_text(const RepairedProblem& one, const RepairResult& result, RepairRun run) {
  const bool dry = run == RepairRun::dry;
  std::string text = fmt::format("{}: ", one.problem.what);
  if (one.outcome == RepairOutcome::repaired) {
    text += fmt::format("{} from {}", dry ? "would be repaired" : "repaired", printable(one.source));
  } else {
    text += lasting_text(one, result, dry);
  }
  text += "\n";
  if (one.outcome != RepairOutcome::repaired && !one.problem.packages.empty()) {
    text += fmt::format("  in {}\n", joined(one.problem.packages));
  }
  if (one.outcome != RepairOutcome::repaired && !one.problem.environments.empty()) {
    text += fmt::format("  environments: {}\n", printable(joined(one.problem.environments)));
  }
  return text;
}

std::string relinked_text(const Relinked& tree, RepairRun run, bool verbose) {
  std::string text;
  if (!tree.files.empty()) {
    text += fmt::format("{}: {} {}\n", printable(tree.path), counted(tree.files.size(), "file"),
                        run == RepairRun::dry ? "would be linked anew" : "linked anew");
  }
  if (!tree.removed.empty()) {
    text += fmt::format("{}: {} of damaged bytecode {}removed; Python makes it again\n", printable(tree.path),
                        counted(tree.removed.size(), "file"), run == RepairRun::dry ? "would be " : "");
  }
  if (!tree.left.empty()) {
    const bool one = tree.left.size() == 1;
    text += fmt::format("{}: {} {} damaged, because nobody {}has a good copy:\n", printable(tree.path),
                        counted(tree.left.size(), "file"),
                        run == RepairRun::dry ? "would still be"
                        : one                 ? "is still"
                                              : "are still",
                        run == RepairRun::dry ? "here " : "");
    const std::size_t shown = verbose ? tree.left.size() : std::min(tree.left.size(), kShown);
    for (std::size_t i = 0; i < shown; ++i) text += "  " + printable(tree.left[i]) + "\n";
    if (shown < tree.left.size()) text += fmt::format("  and {} more (--verbose)\n", tree.left.size() - shown);
  }
  if (!tree.failure.empty()) {
    text += fmt::format("{}: could not be linked anew: {}\n", printable(tree.path), printable(tree.failure));
  }
  return text;
}

}  // namespace

bool is_sound(const RepairResult& result) {
  return result.unreached.empty() &&
         std::ranges::all_of(result.problems,
                             [](const RepairedProblem& one) { return one.outcome == RepairOutcome::repaired; }) &&
         std::ranges::all_of(result.relinked,
                             [](const Relinked& one) { return one.left.empty() && one.failure.empty(); });
}

std::string repair_text(const RepairResult& result, RepairRun run, bool verbose) {
  std::string text;
  for (const RepairedProblem& one : result.problems) text += problem_text(one, result, run);
  for (const std::string& file : result.quarantined) text += fmt::format("damaged file kept as {}\n", printable(file));
  for (const std::string& package : result.forgotten_packages) {
    text += run == RepairRun::dry
                ? fmt::format("would be forgotten, unless an index has it: {}\n", printable(package))
                : fmt::format("forgotten: {}; the next environment that needs it reads it again\n", printable(package));
  }
  for (const Relinked& tree : result.relinked) text += relinked_text(tree, run, verbose);
  for (const std::string& path : result.unreached) {
    text += fmt::format(
        "{} was moved, and may have a damaged file still: `cas repair --environment` with where it is now links it "
        "anew\n",
        printable(path));
  }
  return text;
}

void add_repair(Json& document, const RepairResult& result) {
  document["problems"] = Json::array();
  for (const RepairedProblem& one : result.problems) {
    document["problems"].push_back({{"kind", problem_kind_name(one.problem.kind)},
                                    {"what", one.problem.what},
                                    {"outcome", outcome_word(one.outcome)},
                                    {"source", one.source.empty() ? Json(nullptr) : Json(one.source)},
                                    {"packages", one.problem.packages},
                                    {"environments", one.problem.environments}});
  }
  document["quarantined"] = result.quarantined;
  document["forgotten"] = result.forgotten_packages;
  document["relinked"] = Json::array();
  for (const Relinked& tree : result.relinked) {
    document["relinked"].push_back({{"path", tree.path},
                                    {"files", tree.files},
                                    {"removed", tree.removed},
                                    {"left", tree.left},
                                    {"failure", tree.failure.empty() ? Json(nullptr) : Json(tree.failure)}});
  }
  document["unreached"] = result.unreached;
  document["all_answered"] = result.all_answered;
  document["warnings"] = result.warnings;
}

}  // namespace cas
