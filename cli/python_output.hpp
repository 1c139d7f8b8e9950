// What the commands about interpreters have in common.
#pragma once

#include <string>
#include <string_view>

#include "cli/command.hpp"
#include "cli/json_output.hpp"
#include "linker/python/python_selection.hpp"
#include "store/interpreters.hpp"
#include "store/store.hpp"

namespace cas {

// The request of the only operand, if any. Throws UsageError with `usage` as the hint.
[[nodiscard]] PythonRequest python_request_of(const Context& context, std::string_view usage);

// The only operand. Throws UsageError with `usage` as the hint where there is none, or more.
[[nodiscard]] std::string single_operand(const Context& context, std::string_view usage);

// process_surroundings(), and the interpreters that the store owns, which outlives the result.
[[nodiscard]] PythonSurroundings surroundings_with(const Store* store);

// "linux-x86_64, glibc 2.36"
[[nodiscard]] std::string platform_text(const InterpreterFacts& facts);

// The "python object" and the "broken object" of docs/json.md.
[[nodiscard]] Json json_python(const FoundPython& python);
[[nodiscard]] Json json_broken_python(const BrokenPython& python);
// The "captured object".
[[nodiscard]] Json json_stored_interpreter(const Store& store, const StoredInterpreter& interpreter);

}  // namespace cas
