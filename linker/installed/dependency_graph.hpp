// Who needs whom among installed distributions.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "linker/installed/installed_packages.hpp"
#include "store/requirement/marker.hpp"
#include "store/requirement/requirement.hpp"

namespace cas {

enum class DependencyState { satisfied, missing, conflicting };

struct Dependency {
  Requirement requirement;
  std::string extra;  // of the one that requires, without which it would not count; "": it always counts
  std::optional<std::size_t> target;  // index of a node
  DependencyState state = DependencyState::missing;
};

struct UnreadableRequirement {
  std::size_t node;
  std::string text;
  std::string reason;
};

// An extra's requirements count where something installed asks for the extra: what the user asked for himself nobody noted down.
class DependencyGraph {
 public:
  // `environment` outlives it. `facts`: of its interpreter, without an extra.
  DependencyGraph(const InstalledEnvironment& environment, MarkerEnvironment facts);

  // Nodes are the environment's distributions, the first of each name, in its order.
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] const InstalledDistribution& at(std::size_t node) const { return *nodes_[node].distribution; }
  // `name` in any spelling.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;

  // In METADATA's order; what requires itself (for its own extras) is left out.
  [[nodiscard]] const std::vector<Dependency>& dependencies(std::size_t node) const {
    return nodes_[node].dependencies;
  }
  // Those with a dependency on it, each once, ascending.
  [[nodiscard]] const std::vector<std::size_t>& dependents(std::size_t node) const { return nodes_[node].dependents; }
  // "name[extra]" of those that would need `name` (normalized) if their extra were asked for, and do not.
  [[nodiscard]] std::vector<std::string> possible_dependents(std::string_view name) const;

  // Nobody depends on these; of circles that nothing leads to, their first.
  [[nodiscard]] std::vector<std::size_t> tops() const;
  // The same where arrows are turned round: what depends on nothing that is installed.
  [[nodiscard]] std::vector<std::size_t> bottoms() const;

  [[nodiscard]] const std::vector<UnreadableRequirement>& unreadable() const { return unreadable_; }

 private:
  struct Node {
    const InstalledDistribution* distribution = nullptr;
    std::vector<Requirement> requirements;
    std::vector<bool> counts;  // of `requirements`
    std::vector<Dependency> dependencies;
    std::vector<std::size_t> dependents;
  };

  void read(std::size_t node);
  void activate(std::size_t node, const std::string& extra, std::deque<std::pair<std::size_t, std::string>>& work);
  [[nodiscard]] bool holds(const Requirement& requirement, const std::string& extra);
  [[nodiscard]] Dependency resolved(const Requirement& requirement, const std::string& extra) const;
  template <class Next>
  [[nodiscard]] std::vector<std::size_t> starts(std::vector<std::size_t> first, Next&& next) const;

  MarkerEnvironment facts_;
  std::vector<Node> nodes_;
  std::map<std::string, std::size_t, std::less<>> by_name_;  // normalized
  std::vector<UnreadableRequirement> unreadable_;
};

// The ways from what was asked for, or what nobody else needs, to a package: nodes, the package last.
using DependencyChain = std::vector<std::size_t>;

// For each such start and each direct dependent the shortest; no chain goes through another package that was asked for. The package alone
// is a chain where it was asked for itself. By length, then by the environment's order.
[[nodiscard]] std::vector<DependencyChain> chains_to(const DependencyGraph& graph, std::size_t package);

}  // namespace cas
