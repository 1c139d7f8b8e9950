// Facts of interpreters, remembered in the index: asking Python costs 20 to 40 ms, a look-up 10 µs.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "linker/interpreter.hpp"
#include "store/store.hpp"

namespace cas {

struct AskedInterpreter {
  std::optional<InterpreterFacts> facts;
  std::string problem;  // why there are none
};

// inspect_interpreter() of each path, several at once, remembered as long as the file behind `path`, its inode, size and
// times, a pyvenv.cfg beside it, and the base executable and library that it led to stay the same. What a script (pyenv's
// shims) or a program that is no Python by name (other managers' shims) finds depends on more than its own file: never remembered.
// `store` may be nullptr: then nothing is. An index that is read-only is only read. Results are in the order of `paths`; throws
// only Interrupted, and what the index throws.
[[nodiscard]] std::vector<AskedInterpreter> ask_interpreters(const Store* store, const std::vector<std::string>& paths,
                                                             std::chrono::seconds limit);

}  // namespace cas
