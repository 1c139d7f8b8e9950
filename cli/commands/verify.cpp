// cas verify: is the store what its index says, and are environments what was placed?
#include "store/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/json_output.hpp"
#include "cli/verify_options.hpp"
#include "cli/words.hpp"
#include "linker/diagnosis.hpp"
#include "linker/inode_holders.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/base/timing.hpp"
#include "store/lost_packages.hpp"
#include "store/quarantine.hpp"
#include "store/roots.hpp"

namespace cas {
namespace {

constexpr OptionSpec kOptions[] = {{"scrub", '\0', {}},
                                   {"contents", '\0', {}},
                                   {"sample", '\0', "SHARE"},
                                   {"max-duration", '\0', "TIME"},
                                   {"all", '\0', {}}};

// What a fault of an environment adds to the exit status.
constexpr int kEnvironmentBit = 64;
constexpr std::size_t kShown = 20;  // environments and packages of one problem, without --verbose

struct Wishes {
  VerifyOptions store;
  bool with_store = true;
  bool all_environments = false;
  std::vector<std::string> environments;  // as they were named
};

Wishes read_wishes(const Context& context) {
  const Arguments& arguments = context.arguments;
  Wishes wishes;
  wishes.store.depth = read_verify_depth(arguments);
  wishes.store.share = read_sample(arguments);
  wishes.store.max_duration = read_max_duration(arguments);
  wishes.store.threads = context.global.threads;
  wishes.all_environments = arguments.has("all");
  wishes.environments = arguments.operands();
  wishes.with_store = wishes.environments.empty();
  if (wishes.with_store) return wishes;
  if (wishes.all_environments)
    throw UsageError("--all means every environment, and some are named", "see `cas help verify`");
  if (arguments.has("sample") || arguments.has("max-duration")) {
    throw UsageError("--sample and --max-duration are for the store's objects, and environments are named",
                     "leave them out, or name no environment");
  }
  return wishes;
}

struct CheckedEnvironment {
  std::string path;
  std::vector<Finding> findings;
  std::string failure, hint;  // why it could not be looked at
};

// What repairs gave up and left for the next.
struct LeftBehind {
  struct File {
    QuarantinedFile file;
    std::vector<std::string> environments;  // that still have it
  };
  std::vector<File> files;
  std::vector<LostPackage> packages;
};

LeftBehind find_left_behind(const Store& store) {
  LeftBehind left;
  std::set<InodeId> inodes;
  for (QuarantinedFile& file : list_quarantine(store)) {
    if (file.in_use) continue;
    inodes.insert(inode_of(file.info));
    left.files.push_back({std::move(file), {}});
  }
  const InodeHolders found = find_inode_holders(store, inodes);
  for (LeftBehind::File& one : left.files) {
    const auto holders = found.holders.find(inode_of(one.file.info));
    if (holders != found.holders.end()) one.environments = holders->second;
  }
  left.packages = list_lost_packages(store);
  return left;
}

bool is_faulty(const CheckedEnvironment& environment) {
  return !environment.failure.empty() || std::ranges::any_of(environment.findings, &Finding::fault);
}

struct ChosenEnvironments {
  std::vector<std::string> paths;
  std::vector<std::string> elsewhere;  // where those were made that do not lie there any more
};

ChosenEnvironments choose_environments(const Context& context, const Store& store, const Wishes& wishes) {
  ChosenEnvironments chosen;
  for (const std::string& operand : wishes.environments)
    chosen.paths.push_back(existing_environment(context.global, operand));
  if (!wishes.all_environments) return chosen;
  for (const Root& root : list_environments(store)) {
    if (root.state == AnchorState::dead || root.state == AnchorState::running) continue;
    (root.state == AnchorState::live && root.at_target ? chosen.paths : chosen.elsewhere).push_back(root.anchor.target);
  }
  std::ranges::sort(chosen.paths);
  std::ranges::sort(chosen.elsewhere);
  return chosen;
}

std::vector<CheckedEnvironment> check_environments(const Context& context, const Store& store, const Wishes& wishes,
                                                   const std::vector<std::string>& paths) {
  const PlacedDepth depth = wishes.store.depth == VerifyDepth::metadata ? PlacedDepth::metadata : PlacedDepth::contents;
  context.printer.phase("checking environments", paths.size());
  std::vector<CheckedEnvironment> checked;
  for (const std::string& path : paths) {
    CheckedEnvironment& one = checked.emplace_back();
    one.path = path;
    try {
      one.findings = diagnose_environment(store, path, depth);
    } catch (const NotFound&) {
      // One that was named must be there; one of the store's list may have been removed meanwhile.
      if (!wishes.all_environments) throw;
      checked.pop_back();
    } catch (const Error& error) {
      one.failure = error.message();
      one.hint = error.hint();
    }
    context.printer.advance(1);
  }
  return checked;
}

int status_of(const std::optional<VerifyResult>& result, const std::vector<CheckedEnvironment>& environments) {
  int status = static_cast<int>(ExitStatus::success);
  if (result) {
    for (const Problem& problem : result->problems) status |= exit_bit(problem.kind);
  }
  if (std::ranges::any_of(environments, is_faulty)) status |= kEnvironmentBit;
  return status;
}

std::string first_of(const std::vector<std::string>& names, bool all) {
  if (all || names.size() <= kShown) return joined(names);
  return fmt::format("{} and {} more (--verbose)",
                     joined({names.begin(), names.begin() + static_cast<std::ptrdiff_t>(kShown)}),
                     names.size() - kShown);
}

std::string text_report(const VerifyResult& result, bool verbose) {
  std::string text;
  for (const Problem& problem : result.problems) {
    text += fmt::format("{}: {}\n", problem_kind_name(problem.kind), problem.what);
    if (!problem.packages.empty()) text += fmt::format("  in {}\n", first_of(problem.packages, verbose));
    if (!problem.environments.empty()) {
      text += fmt::format("  environments: {}\n", printable(first_of(problem.environments, verbose)));
    }
    if (!problem.remedy.empty()) text += fmt::format("  remedy: {}\n", printable(problem.remedy));
  }
  text += fmt::format("{}, {}, {}: ", counted(result.packages, "package"), counted(result.objects, "object"),
                      format_size(result.bytes));
  text += result.problems.empty() ? "sound" : counted(result.problems.size(), "problem");
  if (result.orphans > 0) {
    text += fmt::format("; {} that `cas gc` will remove", counted(result.orphans, "leftover file"));
  }
  if (result.objects < result.all_objects) {
    text += fmt::format("; {} of {} not looked at{}", grouped(result.all_objects - result.objects),
                        counted(result.all_objects, "object"), result.in_time ? "" : ": the time was over");
  }
  return text + "\n";
}

std::string text_report(const LeftBehind& left, bool verbose) {
  std::string text;
  std::set<std::string> environments;
  for (const LeftBehind::File& one : left.files) environments.insert(one.environments.begin(), one.environments.end());
  if (!left.files.empty()) {
    text += fmt::format("{} in quarantine", counted(left.files.size(), "damaged file"));
    text += environments.empty()
                ? ", which no environment has\n"
                : fmt::format(", which these have: {}\n",
                              printable(first_of({environments.begin(), environments.end()}, verbose)));
  }
  for (const LostPackage& package : left.packages) {
    text += fmt::format("{} {}, which environments need, is not in the store: {}\n", printable(package.name),
                        printable(package.version), printable(first_of(package.environments, verbose)));
  }
  if (!text.empty()) text += "`cas repair`, told where to look for wheels, brings back what somebody has\n";
  return text;
}

std::string text_report(const CheckedEnvironment& environment, bool verbose) {
  std::string text =
      fmt::format("{}: {}\n", printable(environment.path), is_faulty(environment) ? "not as it was made" : "sound");
  if (!environment.failure.empty()) text += "  " + environment.failure + "\n";
  if (!environment.hint.empty()) text += "  hint: " + environment.hint + "\n";
  std::size_t shown = 0;
  for (const Finding& finding : environment.findings) {
    if (!verbose && shown++ == kShown) {
      return text + fmt::format("  and {} more (--verbose)\n", environment.findings.size() - kShown);
    }
    text += fmt::format("  {:<20} {}{}{}\n", finding_word(finding.kind), printable(finding.path),
                        finding.path.empty() ? "" : " ", finding.detail);
  }
  return text;
}

Json json_report(const CheckedEnvironment& environment) {
  Json document;
  document["path"] = environment.path;
  document["sound"] = !is_faulty(environment);
  document["failure"] = environment.failure.empty() ? Json(nullptr) : Json(environment.failure);
  document["hint"] = environment.hint.empty() ? Json(nullptr) : Json(environment.hint);
  document["findings"] = Json::array();
  for (const Finding& finding : environment.findings) {
    document["findings"].push_back({{"kind", finding_word(finding.kind)},
                                    {"path", finding.path},
                                    {"detail", finding.detail},
                                    {"fault", finding.fault}});
  }
  return document;
}

void add_left_behind(Json& document, const LeftBehind& left) {
  document["quarantine"] = Json::array();
  for (const LeftBehind::File& one : left.files) {
    document["quarantine"].push_back(
        {{"path", one.file.path}, {"object", one.file.object.file_name()}, {"environments", one.environments}});
  }
  document["lost_packages"] = Json::array();
  for (const LostPackage& package : left.packages) {
    document["lost_packages"].push_back({{"name", package.name},
                                         {"version", package.version},
                                         {"artifact", package.artifact.hex()},
                                         {"environments", package.environments}});
  }
}

std::string json_report(const std::optional<VerifyResult>& result, const std::vector<CheckedEnvironment>& environments,
                        const std::vector<std::string>& elsewhere, const LeftBehind& left, VerifyDepth depth,
                        int status) {
  Json document = json_document("verify");
  document["depth"] = depth_name(depth);
  document["exit_status"] = status;
  const VerifyResult of_store = result.value_or(VerifyResult{});
  document["objects"] = of_store.objects;
  document["bytes"] = of_store.bytes;
  document["packages"] = of_store.packages;
  document["orphans"] = of_store.orphans;
  document["problems"] = Json::array();
  for (const Problem& problem : of_store.problems) {
    document["problems"].push_back({{"kind", problem_kind_name(problem.kind)},
                                    {"what", problem.what},
                                    {"packages", problem.packages},
                                    {"remedy", problem.remedy.empty() ? Json(nullptr) : Json(problem.remedy)},
                                    {"exit_bit", exit_bit(problem.kind)},
                                    {"environments", problem.environments}});
  }
  document["all_objects"] = of_store.all_objects;
  document["all_bytes"] = of_store.all_bytes;
  document["in_time"] = of_store.in_time;
  document["environments"] = Json::array();
  for (const CheckedEnvironment& environment : environments)
    document["environments"].push_back(json_report(environment));
  document["not_looked_at"] = elsewhere;
  add_left_behind(document, left);
  return json_text(document);
}

int run(const Context& context) {
  const Wishes wishes = read_wishes(context);
  const Store store = context.open_store();
  std::optional<VerifyResult> result;
  if (wishes.with_store) {
    const Timer timer("verify");
    result = verify_store(store, wishes.store, context.printer);
    keep_holders(store, result->problems);
  }
  const ChosenEnvironments chosen = choose_environments(context, store, wishes);
  const std::vector<CheckedEnvironment> environments = check_environments(context, store, wishes, chosen.paths);
  const LeftBehind left = wishes.with_store ? find_left_behind(store) : LeftBehind{};
  context.printer.finish();
  const int status = status_of(result, environments);
  if (context.global.json) {
    context.print(json_report(result, environments, chosen.elsewhere, left, wishes.store.depth, status));
  } else if (status != 0 || !context.global.quiet) {
    for (const CheckedEnvironment& environment : environments) {
      if (context.global.quiet && !is_faulty(environment)) continue;
      context.print(text_report(environment, context.global.verbose));
    }
    if (!chosen.elsewhere.empty()) {
      const bool one = chosen.elsewhere.size() == 1;
      context.print(fmt::format("{} not looked at, because {} not where {} made: {}\n",
                                counted(chosen.elsewhere.size(), "environment"), one ? "it is" : "they are",
                                one ? "it was" : "they were",
                                printable(first_of(chosen.elsewhere, context.global.verbose))));
    }
    if (result) context.print(text_report(left, context.global.verbose) + text_report(*result, context.global.verbose));
  }
  return status;
}

}  // namespace

const Command kVerifyCommand = {"verify", "check the store's objects and packages, and environments", kOptions, run};

}  // namespace cas
