#include "linker/locked/installed_answer.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "linker/locked/marker_facts.hpp"
#include "store/base/error.hpp"
#include "store/requirement/requirement.hpp"
#include "store/source/version.hpp"

namespace cas {
namespace {

// Each takes a version from what may be chosen, or adds what is required, so this ends by itself; it is a matter of time.
constexpr int kMostRuns = 6;

// What is installed, beside an answer.
class Judgement {
 public:
  Judgement(const Pylock& answer, const ResolverQuestion& question, const InterpreterFacts& facts)
      : answer_(answer), question_(question), markers_(system_markers(facts)) {}

  // Normalized names: the answer replaces it, or leaves out what it requires.
  [[nodiscard]] std::set<std::string> misjudged() const {
    std::set<std::string> names;
    for (const LockedPackage& package : answer_.packages) {
      const InstalledDistribution* const there = installed(package.name);
      if (there == nullptr) continue;
      if (!has_version(*there, package.version) || !has_all(*there)) names.insert(there->normalized);
    }
    return names;
  }

 private:
  [[nodiscard]] const InstalledDistribution* installed(const std::string& name) const {
    const auto found = std::ranges::find(question_.installed, name, &InstalledDistribution::normalized);
    return found == question_.installed.end() ? nullptr : &*found;
  }

  // As far as nobody asks for extras.
  [[nodiscard]] bool has_all(const InstalledDistribution& one) const {
    if (std::ranges::find(question_.options, "--no-deps") != question_.options.end()) return true;
    return std::ranges::all_of(one.requires_dist, [&](const std::string& line) {
      try {
        const Requirement wanted = parse_requirement(line);
        return !wanted.applies(markers_) || is_met(wanted);
      } catch (const Error&) {
        return true;  // nobody understands it
      }
    });
  }

  [[nodiscard]] bool is_met(const Requirement& wanted) const {
    const auto chosen = std::ranges::find(answer_.packages, wanted.normalized, &LockedPackage::name);
    const InstalledDistribution* const there = installed(wanted.normalized);
    const std::string* text = nullptr;
    if (chosen != answer_.packages.end()) {
      text = &chosen->version;
    } else if (there != nullptr) {
      text = &there->version;
    }
    if (text == nullptr) return false;
    const auto version = Version::parse(*text);
    return !version || wanted.specifiers.contains(*version, Prereleases::allowed);
  }

  const Pylock& answer_;
  const ResolverQuestion& question_;
  MarkerEnvironment markers_;
};

}  // namespace

Pylock ask_resolver(const Store& store, const ResolverProgram& program, const ResolverQuestion& question,
                    const InterpreterFacts& facts, PackageNetwork& network, Progress& progress) {
  const auto run = [&](const ResolverQuestion& asked) {
    return run_resolver(store, program, asked, facts, network, progress);
  };
  if (question.installed.empty() || program.kind != ResolverKind::uv) return run(question);
  ResolverQuestion asked = question;
  asked.installed.clear();
  Pylock answer;
  try {
    answer = run(asked);
  } catch (const NoAnswer& none) {
    // Perhaps only for what no index has; nobody knows which.
    try {
      return run(question);
    } catch (const NoAnswer&) {
      throw none;
    }
  }
  std::set<std::string> described;
  for (int runs = 1; runs < kMostRuns; ++runs) {
    const std::size_t before = described.size();
    described.merge(Judgement(answer, question, facts).misjudged());
    if (described.size() == before) break;
    asked.installed.clear();
    std::ranges::copy_if(question.installed, std::back_inserter(asked.installed),
                         [&](const InstalledDistribution& one) { return described.contains(one.normalized); });
    try {
      answer = run(asked);
    } catch (const NoAnswer&) {
      break;  // where they do not stay there is one
    }
  }
  return answer;
}

}  // namespace cas
