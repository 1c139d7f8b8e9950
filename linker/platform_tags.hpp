// The platform part of compatibility tags: what binaries a Linux system runs.
#pragma once

#include <string>
#include <vector>

#include "linker/interpreter.hpp"

namespace cas {

// Best first: "manylinux_2_36_x86_64", ..., "manylinux1_x86_64", "linux_x86_64" (PEP 600; PEP 656 for musl).
[[nodiscard]] std::vector<std::string> platform_tags(const InterpreterFacts& facts);

}  // namespace cas
