// cas check: whether packages fit together.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/environments.hpp"
#include "cli/installed_packages.hpp"
#include "cli/json_output.hpp"
#include "cli/words.hpp"
#include "linker/installed/consistency.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/roots.hpp"

namespace cas {
namespace {

constexpr OptionSpec kOptions[] = {{"all", '\0', {}}};

struct Checked {
  std::string path;
  std::string python;  // "" where it could not be asked
  std::size_t packages = 0;
  std::vector<Inconsistency> problems;
  std::string failure, hint;  // why it could not be checked

  [[nodiscard]] bool sound() const { return problems.empty() && failure.empty(); }
};

Checked check(const Store* store, const InstalledEnvironment& environment) {
  Checked checked;
  checked.path = environment.path;
  const InterpreterFacts facts = facts_of(store, environment);
  const DependencyGraph graph = graph_of(environment, facts);
  checked.python = facts.version;
  checked.packages = graph.size();
  checked.problems = find_inconsistencies(environment, graph, facts);
  return checked;
}

// What keeps one environment from being checked says nothing about the next.
std::vector<Checked> check_all(const Context& context) {
  const Store store = context.open_store();
  finish_interrupted_changes(context, store);
  std::vector<std::string> unreadable;
  std::vector<std::string> paths;
  for (const Root& root : list_roots(store, &unreadable)) {
    if (root.state == AnchorState::live && root.at_target) paths.push_back(root.anchor.target);
  }
  for (const std::string& name : unreadable) context.printer.warning("the anchor " + name + " cannot be read");
  std::ranges::sort(paths);
  std::vector<Checked> all;
  for (const std::string& path : paths) {
    try {
      all.push_back(check(&store, read_installed(path)));
    } catch (const Error& error) {
      Checked failed;
      failed.path = path;
      failed.failure = error.message();
      failed.hint = error.hint();
      all.push_back(std::move(failed));
    }
  }
  return all;
}

std::string text_report(const Checked& checked) {
  const std::string path = printable(checked.path);
  if (!checked.failure.empty()) {
    return fmt::format("{}: could not be checked: {}\n{}", path, checked.failure,
                       checked.hint.empty() ? "" : "  hint: " + checked.hint + "\n");
  }
  const std::string packages = counted(checked.packages, "package");
  if (checked.sound()) return fmt::format("{}: {}, which fit together\n", path, packages);
  std::string text = fmt::format("{}: {}, {}\n", path, packages, counted(checked.problems.size(), "problem"));
  for (const Inconsistency& problem : checked.problems) {
    text += fmt::format("  {:<11} {}\n", inconsistency_word(problem.kind), problem.text);
  }
  return text;
}

Json json_report(const Checked& checked) {
  const auto or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  Json environment{{"path", checked.path},     {"python", or_null(checked.python)},   {"packages", checked.packages},
                   {"sound", checked.sound()}, {"failure", or_null(checked.failure)}, {"hint", or_null(checked.hint)}};
  environment["problems"] = Json::array();
  for (const Inconsistency& problem : checked.problems) {
    environment["problems"].push_back({{"kind", inconsistency_word(problem.kind)},
                                       {"name", or_null(problem.package)},
                                       {"version", or_null(problem.version)},
                                       {"requirement", or_null(problem.requirement)},
                                       {"text", problem.text}});
  }
  return environment;
}

std::vector<Checked> check_named(const Context& context) {
  const auto store = context.open_store_if_any();
  std::vector<Checked> all;
  for (const std::string& operand : context.arguments.operands()) {
    const std::string path = existing_environment(context.global, operand);
    const InstalledEnvironment environment = read_installed(path);
    for (const std::string& text : environment.passed_over) context.printer.warning(text);
    all.push_back(check(store ? &*store : nullptr, environment));
  }
  return all;
}

int run(const Context& context) {
  const bool every = context.arguments.has("all");
  if (every == !context.arguments.operands().empty()) {
    throw UsageError(every ? "--all means every environment, and some are named" : "name at least one environment",
                     "cas check ENV... or cas check --all");
  }
  const std::vector<Checked> all = every ? check_all(context) : check_named(context);
  Json document = json_document("check");
  document["environments"] = Json::array();
  for (const Checked& checked : all) {
    document["environments"].push_back(json_report(checked));
    if (!context.global.json) context.print(text_report(checked));
  }
  if (context.global.json) context.print(json_text(document));
  if (all.empty()) context.say("no environments");
  const bool sound = std::ranges::all_of(all, &Checked::sound);
  return static_cast<int>(sound ? ExitStatus::success : ExitStatus::failure);
}

}  // namespace

const Command kCheckCommand = {"check",         "whether installed packages fit together",
                               kOptions,        run,
                               Ending::returns, 0,
                               nullptr,         EnvironmentOperand::first};

}  // namespace cas
