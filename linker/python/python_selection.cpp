#include "linker/python/python_selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "linker/interpreter_memo.hpp"
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

struct Search {
  std::vector<FoundPython> unfit;
  std::vector<BrokenPython> broken;
  std::vector<std::string> looked_in;
};

std::string first_of(const std::vector<std::string>& lines) {
  std::string text;
  for (std::size_t i = 0; i < lines.size() && i < kMostShown; ++i) text += "\n  " + lines[i];
  if (lines.size() > kMostShown) text += fmt::format("\n  and {} more", lines.size() - kMostShown);
  return text;
}

[[noreturn]] void fail_search(const PythonRequest& request, const Search& search) {
  std::vector<std::string> found;
  for (const FoundPython& python : search.unfit) {
    found.push_back(fmt::format("{} at {} ({})", python_label(python.facts), printable(python.facts.executable),
                                source_word(python.candidate.source)));
  }
  for (const BrokenPython& python : search.broken) {
    found.push_back(fmt::format("broken: {}: {}", printable(python.candidate.path), python.reason));
  }
  const std::string wanted =
      request.text.empty() ? "no Python interpreter" : fmt::format("no Python that fits '{}'", printable(request.text));
  throw NotFound(
      fmt::format("{} was found{}{}", wanted,
                  search.looked_in.empty() ? "" : fmt::format("; looked in {}", fmt::join(search.looked_in, ", ")),
                  found.empty() ? "" : "; these do not fit:" + first_of(found)),
      "`cas python list` shows every interpreter; --python PATH names one that is elsewhere");
}

}  // namespace

SelectedPython select_python(const Store* store, const PythonRequest& request, const PythonSurroundings& surroundings,
                             const PythonLimits& limits) {
  Search search;
  Choice choice;
  std::optional<FoundPython> best;
  std::size_t broken_before = 0;
  search.looked_in = visit_candidates(request, surroundings, [&](const PythonCandidate& candidate) {
    if (!candidate.problem.empty()) {
      search.broken.push_back({candidate, candidate.problem});
      return true;
    }
    auto asked = ask_interpreters(store, {candidate.path}, is_named(request) ? limits.named : limits.searched);
    if (!asked.front().facts) {
      search.broken.push_back({candidate, asked.front().problem});
      return true;
    }
    FoundPython found{candidate, std::move(*asked.front().facts)};
    const auto misgivings = judge(request, found);
    if (!misgivings) search.unfit.push_back(found);
    if (choice.consider(misgivings)) {
      best = std::move(found);
      broken_before = search.broken.size();
    }
    return !choice.is_final();
  });
  if (!best && is_named(request) && !search.broken.empty()) throw Error(search.broken.front().reason);
  if (!best) fail_search(request, search);
  search.broken.resize(broken_before);
  std::erase_if(search.broken, [](const BrokenPython& python) { return !python.candidate.problem.empty(); });
  return {std::move(*best), std::move(search.broken)};
}

PythonListing list_pythons(const Store* store, const PythonRequest& request, const PythonSurroundings& surroundings,
                           const PythonLimits& limits) {
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
