#include "linker/python/python_selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "linker/interpreter_memo.hpp"
#include "linker/python/pyenv.hpp"
#include "linker/python/python_files.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

using Kind = PythonRequest::Kind;

constexpr std::size_t kMostShown = 12;

bool is_named(const PythonRequest& request) { return request.kind == Kind::path || request.kind == Kind::name; }

std::optional<Misgivings> judge(const PythonRequest& request, const FoundPython& found) {
  auto misgivings = judge_python(request, found.facts);
  if (!misgivings || is_named(request) || !request.implementation.empty()) return misgivings;
  const auto told = parse_python_name(found.candidate.name);
  const bool by_own_name =
      found.candidate.name.starts_with(found.facts.implementation) || (told && !told->implementation.empty());
  if (found.facts.implementation != "cpython" && by_own_name) ++*misgivings;
  return misgivings;
}

// The first of the fewest misgivings.
class Choice {
 public:
  // Returns whether it is the best so far.
  bool consider(std::optional<Misgivings> misgivings) {
    if (!misgivings || (best_ && *best_ <= *misgivings)) return false;
    best_ = misgivings;
    return true;
  }
  [[nodiscard]] bool is_final() const { return best_ == Misgivings{0}; }

 private:
  std::optional<Misgivings> best_;
};

// An environment that a variable says is active.
bool is_active(const PythonCandidate& candidate) {
  return candidate.source == PythonSource::environment || candidate.source == PythonSource::conda;
}

BrokenPython with_problem(const PythonCandidate& candidate) {
  if (!is_active(candidate)) return {candidate, candidate.problem};
  return {candidate, fmt::format("{} ({}): {}", candidate.told_by, printable(candidate.path), candidate.problem)};
}

bool fits_selection(const std::string& version, const InterpreterFacts& facts) {
  try {
    const PythonRequest request = parse_python_request(version);
    return request.kind == Kind::version && judge_python(request, facts);
  } catch (const UsageError&) {
    return false;
  }
}

// What pyenv is told to take and does not have. An active environment goes before it.
std::vector<BrokenPython> missing_selections(const PythonSurroundings& surroundings, const FoundPython& taken) {
  std::vector<BrokenPython> missing;
  if (is_active(taken.candidate)) return missing;
  for (const std::string& root : pyenv_roots(surroundings)) {
    for (const PyenvChoice& choice : pyenv_choices(root, surroundings)) {
      if (!is_missing(choice) || fits_selection(choice.version, taken.facts)) continue;
      PythonCandidate candidate{root + "/versions/" + choice.version, PythonSource::pyenv, choice.version,
                                choice.origin, missing_text(choice)};
      std::string reason = fmt::format("{}; {} at {} is taken instead", candidate.problem, python_label(taken.facts),
                                       printable(taken.facts.executable));
      missing.push_back({std::move(candidate), std::move(reason)});
    }
  }
  return missing;
}

std::string first_of(const std::vector<std::string>& lines) {
  std::string text;
  for (std::size_t i = 0; i < lines.size() && i < kMostShown; ++i) text += "\n  " + lines[i];
  if (lines.size() > kMostShown) text += fmt::format("\n  and {} more", lines.size() - kMostShown);
  return text;
}

// Names spare running, so the search has met only some: all that are there are told.
[[noreturn]] void fail_search(const Store* store, const PythonRequest& request, const PythonSurroundings& surroundings,
                              const PythonLimits& limits, const std::vector<std::string>& looked_in) {
  const PythonListing all = list_pythons(store, {}, surroundings, limits);
  std::vector<std::string> found;
  for (const FoundPython& python : all.pythons) {
    found.push_back(fmt::format("{} at {} ({})", python_label(python.facts), printable(python.facts.executable),
                                source_word(python.candidate.source)));
  }
  for (const BrokenPython& python : all.broken) {
    found.push_back(fmt::format("broken: {}: {}", printable(python.candidate.path), python.reason));
  }
  const std::string wanted =
      request.text.empty() ? "no Python interpreter" : fmt::format("no Python that fits '{}'", printable(request.text));
  throw NotFound(fmt::format("{} was found{}{}", wanted,
                             looked_in.empty() ? "" : fmt::format("; looked in {}", fmt::join(looked_in, ", ")),
                             found.empty() ? "" : "; these do not fit:" + first_of(found)),
                 "`cas python list` shows every interpreter; --python PATH names one that is elsewhere");
}

}  // namespace

SelectedPython select_python(const Store* store, const PythonRequest& asked_for, const PythonSurroundings& surroundings,
                             const PythonLimits& limits) {
  const PythonRequest request = without_shim(asked_for, surroundings);
  std::vector<BrokenPython> broken;
  Choice choice;
  std::optional<FoundPython> best;
  std::size_t broken_before = 0;
  const auto looked_in = visit_candidates(request, surroundings, [&](const PythonCandidate& candidate) {
    if (!candidate.problem.empty()) {
      broken.push_back(with_problem(candidate));
      return true;
    }
    auto asked = ask_interpreters(store, {candidate.path}, is_named(request) ? limits.named : limits.searched);
    if (!asked.front().facts) {
      broken.push_back({candidate, asked.front().problem});
      return true;
    }
    FoundPython found{candidate, std::move(*asked.front().facts)};
    if (choice.consider(judge(request, found))) {
      best = std::move(found);
      broken_before = broken.size();
    }
    return !choice.is_final();
  });
  if (!best && is_named(request) && !broken.empty()) throw Error(broken.front().reason);
  if (!best) fail_search(store, request, surroundings, limits, looked_in);
  broken.resize(broken_before);
  std::erase_if(broken, [](const BrokenPython& python) {
    return !python.candidate.problem.empty() && !is_active(python.candidate);
  });
  if (request.kind == Kind::any) {
    for (BrokenPython& python : missing_selections(surroundings, *best)) broken.push_back(std::move(python));
  }
  return {std::move(*best), std::move(broken)};
}

PythonListing list_pythons(const Store* store, const PythonRequest& asked_for, const PythonSurroundings& surroundings,
                           const PythonLimits& limits) {
  const PythonRequest request = without_shim(asked_for, surroundings);
  PythonListing listing;
  std::vector<PythonCandidate> candidates;
  std::vector<std::string> paths;
  listing.looked_in = visit_candidates(request, surroundings, [&](const PythonCandidate& candidate) {
    if (candidate.problem.empty()) {
      candidates.push_back(candidate);
      paths.push_back(candidate.path);
    } else {
      listing.broken.push_back({candidate, candidate.problem});
    }
    return true;
  });
  std::vector<AskedInterpreter> asked =
      ask_interpreters(store, paths, is_named(request) ? limits.named : limits.searched);
  Choice choice;
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!asked[i].facts) {
      listing.broken.push_back({std::move(candidates[i]), std::move(asked[i].problem)});
      continue;
    }
    FoundPython found{std::move(candidates[i]), std::move(*asked[i].facts)};
    const auto misgivings = judge(request, found);
    // What leads to the base of an earlier one is that one, an environment's copy above all.
    if (!misgivings) continue;
    const auto [entry, is_new] = seen.emplace(identity_of(found.facts.executable), listing.pythons.size());
    if (choice.consider(misgivings)) listing.chosen = entry->second;
    if (is_new) listing.pythons.push_back(std::move(found));
  }
  return listing;
}

}  // namespace cas
