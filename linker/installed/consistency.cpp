#include "linker/installed/consistency.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "linker/tags.hpp"
#include "store/base/relpath.hpp"
#include "store/source/version.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostTags = 1'000;

std::string label(const InstalledDistribution& one) { return one.name + " " + shown_version(one); }

Inconsistency about(InconsistencyKind kind, const InstalledDistribution& one, std::string requirement,
                    std::string text) {
  return {kind, one.name, shown_version(one), std::move(requirement), std::move(text)};
}

void check_dependencies(const DependencyGraph& graph, std::size_t node, std::vector<Inconsistency>& found) {
  const InstalledDistribution& one = graph.at(node);
  for (const Dependency& dependency : graph.dependencies(node)) {
    if (dependency.state == DependencyState::satisfied) continue;
    const std::string by = dependency.extra.empty() ? label(one) : fmt::format("{} [{}]", label(one), dependency.extra);
    const std::string wanted = dependency.requirement.text();
    if (dependency.state == DependencyState::missing) {
      found.push_back(about(InconsistencyKind::missing, one, wanted,
                            fmt::format("{} requires {}, which is not installed", by, printable(wanted))));
    } else {
      found.push_back(about(InconsistencyKind::version, one, wanted,
                            fmt::format("{} requires {}, but {} is installed", by, printable(wanted),
                                        label(graph.at(*dependency.target)))));
    }
  }
}

// As pip, what cannot be read demands nothing.
void check_python(const InstalledDistribution& one, const InterpreterFacts& facts, std::vector<Inconsistency>& found) {
  const auto wanted = SpecifierSet::parse(one.requires_python);
  const auto version = Version::parse(facts.version);
  if (!wanted || !version || wanted->contains(*version, Prereleases::allowed)) return;
  found.push_back(about(InconsistencyKind::python, one, one.requires_python,
                        fmt::format("{} requires Python {}, and this is {}", label(one), printable(one.requires_python),
                                    python_label(facts))));
}

bool fits(const TagSet& tags, std::string_view tag) {
  const std::size_t abi = tag.find('-');
  const std::size_t platform = abi == std::string_view::npos ? abi : tag.find('-', abi + 1);
  if (platform == std::string_view::npos) return true;  // no tag: says nothing
  return tags.rank(tag.substr(0, abi), tag.substr(abi + 1, platform - abi - 1), tag.substr(platform + 1)).has_value();
}

void check_tags(const InstalledEnvironment& environment, const InstalledDistribution& one,
                const InterpreterFacts& facts, const TagSet& tags, std::vector<Inconsistency>& found) {
  std::vector<std::string> own = wheel_tags_of(environment, one);
  if (own.empty() || own.size() > kMostTags) return;
  if (std::ranges::any_of(own, [&](const std::string& tag) { return fits(tags, tag); })) return;
  constexpr std::size_t kShown = 3;
  const bool more = own.size() > kShown;
  if (more) own.resize(kShown);
  for (std::string& tag : own) tag = printable(tag);
  found.push_back(about(InconsistencyKind::platform, one, {},
                        fmt::format("{} is not for {} on {}: it is for {}{}", label(one), python_label(facts),
                                    facts.platform, fmt::join(own, ", "), more ? ", ..." : "")));
}

}  // namespace

std::string_view inconsistency_word(InconsistencyKind kind) {
  switch (kind) {
    case InconsistencyKind::missing:
      return "missing";
    case InconsistencyKind::version:
      return "version";
    case InconsistencyKind::python:
      return "python";
    case InconsistencyKind::platform:
      return "platform";
    case InconsistencyKind::duplicate:
      return "duplicate";
    case InconsistencyKind::unreadable:
      return "unreadable";
  }
  return "unreadable";
}

std::vector<Inconsistency> find_inconsistencies(const InstalledEnvironment& environment, const DependencyGraph& graph,
                                                const InterpreterFacts& facts) {
  std::vector<Inconsistency> found;
  const TagSet tags(facts);
  for (std::size_t node = 0; node < graph.size(); ++node) {
    const InstalledDistribution& one = graph.at(node);
    check_dependencies(graph, node, found);
    check_python(one, facts, found);
    check_tags(environment, one, facts, tags, found);
  }
  for (const InstalledDistribution& one : environment.distributions) {
    const InstalledDistribution& first = graph.at(*graph.find(one.normalized));
    if (&first == &one) continue;
    found.push_back(about(InconsistencyKind::duplicate, one, {},
                          fmt::format("{} is described twice: {} and {}", first.name, printable(first.info_path),
                                      printable(one.info_path))));
  }
  for (const UnreadableRequirement& one : graph.unreadable()) {
    found.push_back(
        about(InconsistencyKind::unreadable, graph.at(one.node), one.text,
              fmt::format("{} has a requirement that cannot be read: {}", label(graph.at(one.node)), one.reason)));
  }
  for (const std::string& text : environment.unreadable) {
    found.push_back({InconsistencyKind::unreadable, {}, {}, {}, text});
  }
  return found;
}

}  // namespace cas
