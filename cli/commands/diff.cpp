// cas diff: how the packages of two environments, or of an environment and a lock, differ.
#include <fmt/format.h>

#include <optional>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/installed_packages.hpp"
#include "cli/json_output.hpp"
#include "cli/package_arguments.hpp"
#include "cli/words.hpp"
#include "linker/installed/comparison.hpp"
#include "linker/locked/lock_comparison.hpp"
#include "linker/locked/package_inputs.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::array kOwnOptions{OptionSpec{"exit-code", '\0', {}}};
constexpr auto kOptions = joined_options(kOwnOptions, kIndexOptions, kLockChoiceOptions);
constexpr std::size_t kShownDigits = 12;

struct Side {
  std::string path;
  std::string python;  // "": of a lock
  std::vector<ComparedPackage> packages;
};

Side environment_side(const Context& context, const InstalledEnvironment& environment) {
  return {environment.path, environment.python_version,
          compared_packages(environment, anchor_of(context, environment))};
}

// `environment`: the other side, whose interpreter chooses from the lock.
Side lock_side(const Context& context, const std::string& path, const InstalledEnvironment& environment) {
  const PackageInputs inputs = read_package_inputs(context, {path});
  if (!is_foreign_lock_argument(path)) {
    const LockSource source = read_chosen_lock(path, inputs);
    const auto store = context.open_store_if_any();
    return {source.place, {}, compared_packages(source, facts_of(store ? &*store : nullptr, environment))};
  }
  const Store store = context.open_or_make_store();
  const InterpreterFacts facts = facts_of(&store, environment);
  PackageNetwork network(store, inputs.network);
  const LockSource source = find_locks(inputs, network)(store, facts, context.printer).front();
  context.printer.finish();
  return {absolute_path(path), {}, compared_packages(source, facts)};
}

std::string with_digest(const ComparedPackage& package) {
  return package.sha256 ? package.sha256->hex().substr(0, kShownDigits) : "unknown";
}

std::string difference_line(const PackageDifference& one) {
  const std::string name = printable(one.before ? one.before->name : one.after->name);
  switch (one.change) {
    case PackageChange::added:
      return fmt::format("+ {} {}\n", name, one.after->version);
    case PackageChange::removed:
      return fmt::format("- {} {}\n", name, one.before->version);
    case PackageChange::version:
      return fmt::format("~ {} {} -> {}\n", name, one.before->version, one.after->version);
    case PackageChange::file:
      return fmt::format("~ {} {}: another file, sha256 {}... -> {}...\n", name, one.before->version,
                         with_digest(*one.before), with_digest(*one.after));
    case PackageChange::origin:
      break;
  }
  const auto origin = [](const ComparedPackage& package) {
    return package.origin.empty() ? std::string("an index") : printable(package.origin);
  };
  return fmt::format("~ {} {}: {} -> {}\n", name, one.before->version, origin(*one.before), origin(*one.after));
}

Json json_side(const Side& side) {
  return {{"path", side.path}, {"python", side.python.empty() ? Json(nullptr) : Json(side.python)}};
}

Json json_package(const std::optional<ComparedPackage>& package) {
  if (!package) return nullptr;
  return {{"version", package->version},
          {"sha256", package->sha256 ? Json(package->sha256->hex()) : Json(nullptr)},
          {"origin", package->origin.empty() ? Json(nullptr) : Json(package->origin)}};
}

Json json_report(const Side& before, const Side& after, const std::vector<PackageDifference>& differences,
                 bool same_python) {
  Json document = json_document("diff");
  document["before"] = json_side(before);
  document["after"] = json_side(after);
  document["python_differs"] = !same_python;
  document["differences"] = Json::array();
  for (const PackageDifference& one : differences) {
    document["differences"].push_back({{"name", one.before ? one.before->name : one.after->name},
                                       {"change", change_word(one.change)},
                                       {"before", json_package(one.before)},
                                       {"after", json_package(one.after)}});
  }
  return document;
}

// A lock names no one Python.
std::pair<Side, Side> read_sides(const Context& context, const std::string& first, const std::string& second) {
  const auto installed = [&](const std::string& operand) { return installed_in(context, operand); };
  if (is_lock_argument(first) && is_lock_argument(second)) {
    throw UsageError("two locks are compared by an interpreter that chooses from them, and none is named",
                     "one of both must be an environment");
  }
  if (is_lock_argument(first)) {
    const InstalledEnvironment environment = installed(second);
    return {lock_side(context, first, environment), environment_side(context, environment)};
  }
  const InstalledEnvironment environment = installed(first);
  if (is_lock_argument(second))
    return {environment_side(context, environment), lock_side(context, second, environment)};
  for (const char* option : {"extra", "all-extras", "group"}) {
    if (!context.arguments.has(option)) continue;
    throw UsageError(fmt::format("--{} chooses from a lock file, and none is named", option),
                     "cas diff ENV LOCK --extra NAME");
  }
  return {environment_side(context, environment), environment_side(context, installed(second))};
}

int run(const Context& context) {
  const auto& operands = context.arguments.operands();
  if (operands.size() != 2) throw UsageError("name two environments, or one and a lock", "cas diff ENV ENV|LOCK");
  const auto [before, after] = read_sides(context, operands.front(), operands.back());
  const std::vector<PackageDifference> differences = compare_packages(before.packages, after.packages);
  const bool same_python = before.python.empty() || after.python.empty() || before.python == after.python;
  if (context.global.json) {
    context.print(json_text(json_report(before, after, differences, same_python)));
  } else {
    if (!same_python) context.print(fmt::format("~ Python {} -> {}\n", before.python, after.python));
    for (const PackageDifference& one : differences) context.print(difference_line(one));
    if (same_python && differences.empty()) context.say("no difference");
  }
  const bool differs = !same_python || !differences.empty();
  return static_cast<int>(differs && context.arguments.has("exit-code") ? ExitStatus::failure : ExitStatus::success);
}

}  // namespace

const Command kDiffCommand = {"diff", "how the packages of two environments differ", kOptions, run};

}  // namespace cas
