// cas tree: what depends on what.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "cli/commands/commands.hpp"
#include "cli/installed_packages.hpp"
#include "cli/json_output.hpp"
#include "cli/words.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

constexpr OptionSpec kOptions[] = {{"invert", '\0', {}}, {"depth", '\0', "N"}, {"package", '\0', "NAME", Repeat::yes}};
// Deeper than any real tree; what is hostile does not fill the terminal, or the stack.
constexpr std::size_t kMostDepth = 100;

std::string package_label(const DependencyGraph& graph, std::size_t node, const std::vector<std::string>& extras = {}) {
  const InstalledDistribution& one = graph.at(node);
  return fmt::format("{}{} {}", one.name, extras.empty() ? "" : "[" + joined(extras, ",") + "]", shown_version(one));
}

// "(>=1.0, extra: socks)"; "" where there is nothing to say.
std::string demand(const Dependency& dependency) {
  std::string text = printable(dependency.requirement.specifiers.text());
  if (!dependency.requirement.url.empty()) text = "@ " + printable(dependency.requirement.url);
  if (!dependency.extra.empty()) text += (text.empty() ? "extra: " : ", extra: ") + dependency.extra;
  return text.empty() ? text : " (" + text + ")";
}

struct Branch {
  std::string label;
  std::optional<std::size_t> node;  // nullopt: not installed
};

class Tree {
 public:
  Tree(const DependencyGraph& graph, bool inverted, std::size_t depth)
      : graph_(graph), inverted_(inverted), depth_(depth) {}

  std::string text(const std::vector<std::size_t>& roots) {
    for (const std::size_t root : roots) {
      text_ += package_label(graph_, root);
      below(root, "", 0);
    }
    if (repeated_) text_ += inverted_ ? "(*) what needs it stands above\n" : "(*) what it needs stands above\n";
    if (circles_) text_ += "(circle) stands above it on its own branch\n";
    return std::move(text_);
  }

  // What text() would name, in the environment's order.
  std::vector<std::size_t> nodes(const std::vector<std::size_t>& roots) const {
    std::set<std::size_t> reached(roots.begin(), roots.end());
    std::vector<std::size_t> level(reached.begin(), reached.end());
    for (std::size_t depth = 0; depth < depth_ && !level.empty(); ++depth) {
      std::vector<std::size_t> next;
      for (const std::size_t node : level) {
        for (const Branch& branch : branches(node)) {
          if (branch.node && reached.insert(*branch.node).second) next.push_back(*branch.node);
        }
      }
      level = std::move(next);
    }
    return {reached.begin(), reached.end()};
  }

 private:
  std::vector<Branch> branches(std::size_t node) const {
    std::vector<Branch> result;
    if (!inverted_) {
      for (const Dependency& dependency : graph_.dependencies(node)) result.push_back(needed(dependency));
      return result;
    }
    for (const std::size_t dependent : graph_.dependents(node)) {
      for (const Dependency& dependency : graph_.dependencies(dependent)) {
        if (dependency.target != node) continue;
        const std::string wants = demand(dependency);
        result.push_back({package_label(graph_, dependent) + wants +
                              (dependency.state == DependencyState::conflicting ? ": conflict" : ""),
                          dependent});
        break;
      }
    }
    return result;
  }

  Branch needed(const Dependency& dependency) const {
    if (!dependency.target) return {dependency.requirement.name + demand(dependency) + ": not installed", std::nullopt};
    std::string label = package_label(graph_, *dependency.target, dependency.requirement.extras) + demand(dependency);
    if (dependency.state == DependencyState::conflicting) label += ": conflict";
    return {std::move(label), dependency.target};
  }

  // Behind the node's own label: the rest of its line, and the lines below.
  void below(std::size_t node, const std::string& indent, std::size_t depth) {
    const std::vector<Branch> all = branches(node);
    if (on_branch_.contains(node)) {
      circles_ = true;
      text_ += " (circle)\n";
      return;
    }
    const bool is_new = shown_.insert(node).second;
    if (!is_new && !all.empty() && depth < depth_) {
      repeated_ = true;
      text_ += " (*)\n";
      return;
    }
    text_ += '\n';
    if (depth >= depth_) {
      shown_.erase(node);  // it may stand elsewhere with what it needs
      return;
    }
    on_branch_.insert(node);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool last = i + 1 == all.size();
      text_ += indent + (last ? "└── " : "├── ") + all[i].label;
      if (all[i].node) {
        below(*all[i].node, indent + (last ? "    " : "│   "), depth + 1);
      } else {
        text_ += '\n';
      }
    }
    on_branch_.erase(node);
  }

  const DependencyGraph& graph_;
  bool inverted_;
  std::size_t depth_;
  std::string text_;
  std::set<std::size_t> shown_, on_branch_;
  bool repeated_ = false, circles_ = false;
};

std::size_t read_depth(const Arguments& arguments) {
  const auto text = arguments.value("depth");
  if (!text) return kMostDepth;
  std::size_t depth = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), depth);
  if (error != std::errc() || end != text->data() + text->size())
    throw UsageError(fmt::format("--depth is a number, not '{}'", printable(*text)));
  return std::min(depth, kMostDepth);
}

std::vector<std::size_t> read_roots(const Arguments& arguments, const DependencyGraph& graph) {
  const std::vector<std::string> names = arguments.values("package");
  if (names.empty()) return arguments.has("invert") ? graph.bottoms() : graph.tops();
  std::vector<std::size_t> roots;
  for (const std::string& name : names) {
    const auto node = graph.find(name);
    if (!node)
      throw NotFound(fmt::format("there is no package '{}' in it", printable(name)),
                     "`cas freeze ENV --all` says what is");
    if (std::ranges::find(roots, *node) == roots.end()) roots.push_back(*node);
  }
  return roots;
}

std::string_view state_word(DependencyState state) {
  switch (state) {
    case DependencyState::satisfied:
      return "satisfied";
    case DependencyState::missing:
      return "missing";
    case DependencyState::conflicting:
      return "conflict";
  }
  return "missing";
}

Json json_node(const DependencyGraph& graph, std::size_t node) {
  const InstalledDistribution& one = graph.at(node);
  Json package{{"name", one.name}, {"version", one.version}, {"requested", one.requested}};
  package["dependencies"] = Json::array();
  for (const Dependency& dependency : graph.dependencies(node)) {
    package["dependencies"].push_back(
        {{"name", dependency.target ? graph.at(*dependency.target).name : dependency.requirement.name},
         {"requirement", dependency.requirement.text()},
         {"extra", dependency.extra.empty() ? Json(nullptr) : Json(dependency.extra)},
         {"version", dependency.target ? Json(graph.at(*dependency.target).version) : Json(nullptr)},
         {"state", state_word(dependency.state)}});
  }
  package["required_by"] = Json::array();
  for (const std::size_t dependent : graph.dependents(node)) package["required_by"].push_back(graph.at(dependent).name);
  return package;
}

int run(const Context& context) {
  const Arguments& arguments = context.arguments;
  if (arguments.operands().size() != 1) throw UsageError("name one environment", "cas tree ENV");
  const std::size_t depth = read_depth(arguments);
  const InstalledEnvironment environment = installed_in(context, arguments.operands().front());
  const auto store = context.open_store_if_any();
  const InterpreterFacts facts = facts_of(store ? &*store : nullptr, environment);
  const DependencyGraph graph = graph_of(environment, facts);
  warn_of_unreadable(context, graph);
  const std::vector<std::size_t> roots = read_roots(arguments, graph);
  Tree tree(graph, arguments.has("invert"), depth);
  if (!context.global.json) {
    context.print(tree.text(roots));
    return static_cast<int>(ExitStatus::success);
  }
  Json document = json_document("tree");
  document["path"] = environment.path;
  document["python"] = facts.version;
  document["inverted"] = arguments.has("invert");
  document["roots"] = Json::array();
  for (const std::size_t root : roots) document["roots"].push_back(graph.at(root).name);
  document["packages"] = Json::array();
  for (const std::size_t node : tree.nodes(roots)) document["packages"].push_back(json_node(graph, node));
  context.print(json_text(document));
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kTreeCommand = {"tree",          "what depends on what in an environment",
                              kOptions,        run,
                              Ending::returns, 0,
                              nullptr,         EnvironmentOperand::first};

}  // namespace cas
