// What markers ask about, of an interpreter on this machine.
#pragma once

#include "linker/interpreter.hpp"
#include "store/requirement/marker.hpp"
#include "store/sys/system_name.hpp"

namespace cas {

// As the interpreter itself would answer ("Environment Markers" of the dependency specifiers). No extra, and no sets of names.
[[nodiscard]] MarkerEnvironment marker_environment(const InterpreterFacts& facts, const SystemName& system);
// The same on this machine as it runs now.
[[nodiscard]] MarkerEnvironment system_markers(const InterpreterFacts& facts);

}  // namespace cas
