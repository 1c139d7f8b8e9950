#include "linker/installed/dependency_graph.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "store/base/error.hpp"
#include "store/source/version.hpp"
#include "store/source/wheel_name.hpp"

namespace cas {

DependencyGraph::DependencyGraph(const InstalledEnvironment& environment, MarkerEnvironment facts)
    : facts_(std::move(facts)) {
  for (const InstalledDistribution& one : environment.distributions) {
    if (by_name_.emplace(one.normalized, nodes_.size()).second) nodes_.push_back({&one, {}, {}, {}, {}});
  }
  std::deque<std::pair<std::size_t, std::string>> work;  // what counts without an extra first
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    read(node);
    work.emplace_back(node, std::string());
  }
  std::set<std::pair<std::size_t, std::string>> seen;
  while (!work.empty()) {
    auto next = std::move(work.front());
    work.pop_front();
    if (seen.insert(next).second) activate(next.first, next.second, work);
  }
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    for (const Dependency& dependency : nodes_[node].dependencies) {
      if (!dependency.target) continue;
      std::vector<std::size_t>& dependents = nodes_[*dependency.target].dependents;
      if (dependents.empty() || dependents.back() != node) dependents.push_back(node);
    }
  }
}

void DependencyGraph::read(std::size_t node) {
  Node& one = nodes_[node];
  for (const std::string& line : one.distribution->requires_dist) {
    try {
      Requirement requirement = parse_requirement(line);
      if (requirement.marker) (void)requirement.marker->evaluate(facts_);
      one.requirements.push_back(std::move(requirement));
    } catch (const UsageError& error) {
      unreadable_.push_back({node, line, error.message()});
    }
  }
  one.counts.resize(one.requirements.size());
}

bool DependencyGraph::holds(const Requirement& requirement, const std::string& extra) {
  if (!requirement.marker) return true;
  facts_.extra = extra;
  try {
    return requirement.marker->evaluate(facts_);
  } catch (const UsageError&) {  // means something without an extra, and nothing with this one
    return false;
  }
}

void DependencyGraph::activate(std::size_t node, const std::string& extra,
                               std::deque<std::pair<std::size_t, std::string>>& work) {
  Node& one = nodes_[node];
  for (std::size_t i = 0; i < one.requirements.size(); ++i) {
    const Requirement& requirement = one.requirements[i];
    if (one.counts[i] || !holds(requirement, extra)) continue;
    one.counts[i] = true;
    Dependency dependency = resolved(requirement, extra);
    if (dependency.target) {
      for (const std::string& wanted : requirement.extras) work.emplace_back(*dependency.target, wanted);
    }
    if (dependency.target != node) one.dependencies.push_back(std::move(dependency));
  }
}

Dependency DependencyGraph::resolved(const Requirement& requirement, const std::string& extra) const {
  Dependency dependency{requirement, extra, find(requirement.normalized), DependencyState::missing};
  if (!dependency.target) return dependency;
  const auto version = Version::parse(at(*dependency.target).version);
  const SpecifierSet& wanted = requirement.specifiers;
  const bool fits = wanted.empty() || (version && wanted.contains(*version, Prereleases::allowed));
  dependency.state = fits ? DependencyState::satisfied : DependencyState::conflicting;
  return dependency;
}

std::optional<std::size_t> DependencyGraph::find(std::string_view name) const {
  const auto found = by_name_.find(normalize_name(name));
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> DependencyGraph::possible_dependents(std::string_view name) const {
  std::set<std::string> possible;
  for (const Node& node : nodes_) {
    for (std::size_t i = 0; i < node.requirements.size(); ++i) {
      const Requirement& requirement = node.requirements[i];
      if (node.counts[i] || requirement.normalized != name || !requirement.marker) continue;
      std::vector<const MarkerNode*> open{&requirement.marker->root()};
      while (!open.empty()) {
        const MarkerNode& condition = *open.back();
        open.pop_back();
        for (const auto& alternative : condition.alternatives) {
          for (const MarkerNode& inner : alternative) open.push_back(&inner);
        }
        if (condition.alternatives.empty() && condition.left.is_variable && condition.left.text == "extra")
          possible.insert(node.distribution->name + "[" + condition.right.text + "]");
      }
    }
  }
  return {possible.begin(), possible.end()};
}

// `first`, and one of each circle that cannot be reached from there.
template <class Next>
std::vector<std::size_t> DependencyGraph::starts(std::vector<std::size_t> first, Next&& next) const {
  std::vector<bool> reached(nodes_.size());
  const auto reach = [&](std::size_t start) {
    std::vector<std::size_t> open{start};
    reached[start] = true;
    while (!open.empty()) {
      const std::size_t node = open.back();
      open.pop_back();
      next(node, [&](std::size_t other) {
        if (reached[other]) return;
        reached[other] = true;
        open.push_back(other);
      });
    }
  };
  for (const std::size_t start : first) reach(start);
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    if (reached[node]) continue;
    first.push_back(node);
    reach(node);
  }
  std::ranges::sort(first);
  return first;
}

std::vector<std::size_t> DependencyGraph::tops() const {
  std::vector<std::size_t> first;
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    if (nodes_[node].dependents.empty()) first.push_back(node);
  }
  return starts(std::move(first), [&](std::size_t node, auto&& visit) {
    for (const Dependency& dependency : nodes_[node].dependencies) {
      if (dependency.target) visit(*dependency.target);
    }
  });
}

std::vector<std::size_t> DependencyGraph::bottoms() const {
  std::vector<std::size_t> first;
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    if (std::ranges::none_of(nodes_[node].dependencies, [](const Dependency& one) { return one.target.has_value(); }))
      first.push_back(node);
  }
  return starts(std::move(first),
                [&](std::size_t node, auto&& visit) { std::ranges::for_each(nodes_[node].dependents, visit); });
}

namespace {

// From `start` to the package by way of each of its dependents that is reached through nothing that was asked for.
void add_chains(const DependencyGraph& graph, std::size_t start, std::size_t package,
                std::vector<DependencyChain>& chains) {
  std::vector<std::optional<std::size_t>> before(graph.size());
  std::vector<bool> reached(graph.size());
  std::deque<std::size_t> open{start};
  reached[start] = reached[package] = true;
  while (!open.empty()) {
    const std::size_t node = open.front();
    open.pop_front();
    bool leads = false;
    for (const Dependency& dependency : graph.dependencies(node)) {
      if (dependency.target == package) leads = true;
      if (!dependency.target || reached[*dependency.target]) continue;
      reached[*dependency.target] = true;
      if (graph.at(*dependency.target).requested) continue;
      before[*dependency.target] = node;
      open.push_back(*dependency.target);
    }
    if (!leads) continue;
    DependencyChain chain{package};
    for (std::optional<std::size_t> step = node; step; step = before[*step]) chain.push_back(*step);
    std::ranges::reverse(chain);
    chains.push_back(std::move(chain));
  }
}

}  // namespace

std::vector<DependencyChain> chains_to(const DependencyGraph& graph, std::size_t package) {
  std::vector<DependencyChain> chains;
  if (graph.at(package).requested) chains.push_back({package});
  for (std::size_t node = 0; node < graph.size(); ++node) {
    const bool start = graph.at(node).requested || graph.dependents(node).empty();
    if (start && node != package) add_chains(graph, node, package, chains);
  }
  std::ranges::stable_sort(chains, [](const DependencyChain& a, const DependencyChain& b) {
    return std::forward_as_tuple(a.size(), a) < std::forward_as_tuple(b.size(), b);
  });
  return chains;
}

}  // namespace cas
