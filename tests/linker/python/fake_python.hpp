// Executables that answer as interpreters do.
#pragma once

#include <string>

#include "linker/interpreter.hpp"

namespace cas::test {

// Writes a shell script at `path` (directories are made) that tells these facts when it is asked; returns `path`.
std::string fake_python(const std::string& path, const InterpreterFacts& facts);

// As above, of this version ("3.12.1", "3.13.0rc1") and implementation, being its own base installation at `path`. A script: it
// counts how often it was run by adding a line to `path` + ".runs".
std::string fake_python(const std::string& path, const std::string& version,
                        const std::string& implementation = "cpython", bool free_threaded = false);
[[nodiscard]] int runs_of(const std::string& path);

// An executable script with this body.
std::string fake_program(const std::string& path, const std::string& body);

}  // namespace cas::test
