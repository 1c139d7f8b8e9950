// Whether the packages of an environment fit together, and fit its interpreter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "linker/installed/dependency_graph.hpp"
#include "linker/interpreter.hpp"

namespace cas {

enum class InconsistencyKind {
  missing,     // a requirement of it is not installed
  version,     // a requirement is installed in a version that does not fit
  python,      // Requires-Python excludes the interpreter
  platform,    // none of its wheel's tags fits the interpreter
  duplicate,   // two versions of it are described
  unreadable,  // its description, or a requirement in it, cannot be read
};

// "missing", "version", …: for reports.
[[nodiscard]] std::string_view inconsistency_word(InconsistencyKind kind);

struct Inconsistency {
  InconsistencyKind kind = InconsistencyKind::missing;
  std::string package;      // as METADATA spells it; "" where it cannot be read
  std::string version;      // ""
  std::string requirement;  // that does not hold; ""
  std::string text;         // the whole sentence
};

// By the environment's order. Reads each WHEEL, of which more than 1,000 tags are not looked at. `graph`: of the environment.
[[nodiscard]] std::vector<Inconsistency> find_inconsistencies(const InstalledEnvironment& environment,
                                                              const DependencyGraph& graph,
                                                              const InterpreterFacts& facts);

}  // namespace cas
