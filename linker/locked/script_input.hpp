// Scripts as inputs: what an inline block (PEP 723) asks for, and the name of the environment that has it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "linker/locked/package_inputs.hpp"

namespace cas {

// Whether a word of the command line names a script: a file called NAME.py, or any that has a block `# /// script`.
[[nodiscard]] bool is_script_file(const std::string& path);

// Adds what the script at `path` asks for: nothing where it has no block. Returns what in the block has no effect, for a warning.
// Throws what parse_script() throws, SystemError.
[[nodiscard]] std::vector<std::string> add_script(const std::string& path, PackageInputs& inputs);

// 32 hexadecimal digits that follow from all that the user decides about such an environment: requirements, versions of Python, where
// packages come from, how they are built, and `python` (-p). Scripts that ask for the same have one environment.
[[nodiscard]] std::string environment_key(const PackageInputs& inputs, const std::optional<std::string>& python);

}  // namespace cas
