// What came of making an environment, as text and as JSON.
#pragma once

#include <chrono>

#include "cli/command.hpp"
#include "cli/json_output.hpp"
#include "linker/environment.hpp"

namespace cas {

// Warnings on standard error; what was done on standard output, unless --quiet or --json.
void report_created(const Context& context, const CreateResult& result, std::chrono::nanoseconds duration);

// The fields of docs/json.md, section create, without the document's own.
[[nodiscard]] Json json_created(const CreateResult& result);

}  // namespace cas
