// cas why: who needs a package of an environment; who holds a package or object of the store.
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/installed_packages.hpp"
#include "cli/json_output.hpp"
#include "cli/store_question.hpp"
#include "cli/words.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/source/wheel_name.hpp"

namespace cas {
namespace {

// The requirement that leads from one package of a chain to the next.
std::string requirement_between(const DependencyGraph& graph, std::size_t from, std::size_t to) {
  for (const Dependency& dependency : graph.dependencies(from)) {
    if (dependency.target == to) return dependency.requirement.text();
  }
  return {};
}

std::string chain_text(const DependencyGraph& graph, const DependencyChain& chain) {
  const InstalledDistribution& first = graph.at(chain.front());
  std::string text = fmt::format("{} {} ({})", first.name, shown_version(first),
                                 first.requested ? "asked for" : "nobody asked for it, and nothing needs it");
  for (std::size_t i = 1; i < chain.size(); ++i) {
    const InstalledDistribution& one = graph.at(chain[i]);
    text += fmt::format("\n{:>{}}└── {} {}, for {}", "", 4 * (i - 1), one.name, shown_version(one),
                        printable(requirement_between(graph, chain[i - 1], chain[i])));
  }
  return text + "\n";
}

Json json_chain(const DependencyGraph& graph, const DependencyChain& chain) {
  Json steps = Json::array();
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const InstalledDistribution& one = graph.at(chain[i]);
    const Json requirement = i == 0 ? Json(nullptr) : Json(requirement_between(graph, chain[i - 1], chain[i]));
    steps.push_back(
        {{"name", one.name}, {"version", one.version}, {"requested", one.requested}, {"requirement", requirement}});
  }
  return steps;
}

// Who asks for what is not there.
[[noreturn]] void throw_not_installed(const DependencyGraph& graph, const std::string& name) {
  std::vector<std::string> missed;
  for (std::size_t node = 0; node < graph.size(); ++node) {
    for (const Dependency& dependency : graph.dependencies(node)) {
      if (!dependency.target && dependency.requirement.normalized == name) missed.push_back(graph.at(node).name);
    }
  }
  std::string hint = "`cas freeze ENV --all` says what is installed";
  if (!missed.empty()) hint = "needed by: " + joined(missed);
  throw NotFound(fmt::format("there is no package '{}' in it", printable(name)), hint);
}

std::string unneeded_text(const DependencyGraph& graph, std::size_t node) {
  const InstalledDistribution& one = graph.at(node);
  std::string text =
      fmt::format("nobody asked for {} {}, and nothing that is installed needs it\n", one.name, shown_version(one));
  std::vector<std::string> circle;
  for (const std::size_t dependent : graph.dependents(node)) circle.push_back(graph.at(dependent).name);
  if (!circle.empty()) {
    text = fmt::format("nobody asked for {} {}: it is needed in a circle only, by {}\n", one.name, shown_version(one),
                       joined(circle));
  }
  const std::vector<std::string> possible = graph.possible_dependents(one.normalized);
  if (!possible.empty()) text += fmt::format("it would be needed by {}\n", printable(joined(possible)));
  return text;
}

int run(const Context& context) {
  const auto& operands = context.arguments.operands();
  if (operands.size() == 1) {
    const bool held = answer_store_question(context, context.open_store(), operands.front());
    return static_cast<int>(held ? ExitStatus::success : ExitStatus::failure);
  }
  if (operands.size() != 2) {
    throw UsageError("name an environment and a package, or something of the store",
                     "cas why ENV NAME, or cas why PACKAGE|OBJECT");
  }
  const InstalledEnvironment environment = installed_in(context, operands.front());
  const auto store = context.open_store_if_any();
  const DependencyGraph graph = graph_of(environment, facts_of(store ? &*store : nullptr, environment));
  warn_of_unreadable(context, graph);
  const auto node = graph.find(operands.back());
  if (!node) throw_not_installed(graph, normalize_name(operands.back()));
  const std::vector<DependencyChain> chains = chains_to(graph, *node);
  if (context.global.json) {
    Json document = json_document("why");
    document["path"] = environment.path;
    document["name"] = graph.at(*node).name;
    document["version"] = graph.at(*node).version;
    document["requested"] = graph.at(*node).requested;
    document["chains"] = Json::array();
    for (const DependencyChain& chain : chains) document["chains"].push_back(json_chain(graph, chain));
    document["possible"] = graph.possible_dependents(graph.at(*node).normalized);
    context.print(json_text(document));
  } else {
    for (const DependencyChain& chain : chains) context.print(chain_text(graph, chain));
    if (chains.empty()) context.print(unneeded_text(graph, *node));
  }
  return static_cast<int>(chains.empty() ? ExitStatus::failure : ExitStatus::success);
}

}  // namespace

const Command kWhyCommand = {"why",
                             "who needs a package, or holds something of the store",
                             {},
                             run,
                             Ending::returns,
                             0,
                             nullptr,
                             EnvironmentOperand::first};

}  // namespace cas
