// pyvenv.cfg: what makes a directory a virtual environment (PEP 405).
#pragma once

#include <optional>
#include <string>

#include "linker/interpreter.hpp"

namespace cas {

// The text for an environment at `environment` (absolute) over the base interpreter of `facts`, with the keys
// that `python -m venv` writes, and `cas`, which says who made it. `real_executable`: the interpreter with links
// resolved. Throws Error where the interpreter's path cannot stand in this file: Python reads it as UTF-8
// and by lines.
[[nodiscard]] std::string pyvenv_cfg_text(const InterpreterFacts& facts, const std::string& real_executable,
                                          const std::string& environment,
                                          const std::optional<std::string>& prompt = std::nullopt);

}  // namespace cas
