// The interpreter that a request means, and all that are there.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "linker/interpreter.hpp"
#include "linker/python/python_candidates.hpp"
#include "linker/python/python_request.hpp"
#include "linker/python/python_surroundings.hpp"
#include "store/store.hpp"

namespace cas {

struct FoundPython {
  PythonCandidate candidate;
  InterpreterFacts facts;  // of the base installation
};

struct BrokenPython {
  PythonCandidate candidate;
  std::string reason;
};

// How long one candidate may take to tell about itself: what was named by the user gets more time than what was met on the way.
struct PythonLimits {
  std::chrono::seconds named{30};
  std::chrono::seconds searched{10};
};

struct SelectedPython {
  FoundPython found;
  // What stood before it in the order and was run and did not work; the active environment, where it is not there; and where nothing
  // was asked for, what pyenv is told to take and does not have.
  std::vector<BrokenPython> passed_over;
};

// The first candidate, in the order of visit_candidates(), with the fewest misgivings (python_request.hpp): candidates are asked
// one after the other until one fits without any. For ranges, too, it is the first that fits, not the newest: what the
// shell calls python3 is taken if it fits. An implementation other than CPython that was found under its own name and not
// asked for is a misgiving, too.
//
// `store` may be nullptr; it only remembers facts. Versions that cannot have environments are returned like others where nothing
// better fits (refuse_unsupported). Throws NotFound saying what there is (every interpreter is run for that), what is broken, and where it
// was looked; for what was named by path or name, Error with the reason.
[[nodiscard]] SelectedPython select_python(const Store* store, const PythonRequest& request,
                                           const PythonSurroundings& surroundings, const PythonLimits& limits = {});

struct PythonListing {
  std::vector<FoundPython> pythons;   // each base installation once, in the order of visit_candidates()
  std::optional<std::size_t> chosen;  // of `pythons`: what select_python() gives for the same request
  std::vector<BrokenPython> broken;
  std::vector<std::string> looked_in;
};

// Every interpreter that fits, several asked at once. Throws NotFound where a path or a name names nothing.
[[nodiscard]] PythonListing list_pythons(const Store* store, const PythonRequest& request,
                                         const PythonSurroundings& surroundings, const PythonLimits& limits = {});

}  // namespace cas
