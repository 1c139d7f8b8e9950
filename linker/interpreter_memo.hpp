// Facts of interpreters, remembered in the index: asking Python costs 20 to 40 ms, a look-up 10 µs.
#pragma once

#include <optional>
#include <string>

#include "linker/interpreter.hpp"
#include "store/store.hpp"

namespace cas {

// find_interpreter() and inspect_interpreter(), remembered as long as the file, its inode, size and times, and a pyvenv.cfg
// beside it stay the same. What a script (pyenv's shims) finds depends on more than its own file: never remembered.
[[nodiscard]] InterpreterFacts interpreter_facts(const Store& store, const std::optional<std::string>& wanted);

}  // namespace cas
