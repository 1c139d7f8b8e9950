// What came of making an environment, as text and as JSON.
#pragma once

#include <chrono>
#include <vector>

#include "cli/command.hpp"
#include "cli/json_output.hpp"
#include "linker/environment.hpp"

namespace cas {

// Warnings on standard error; what was done on standard output, unless --quiet or --json.
void report_created(const Context& context, const CreateResult& result, std::chrono::nanoseconds duration);

// The first few files in which packages differ, all with --verbose, as warnings.
void report_conflicts(const Context& context, const std::vector<PlanConflict>& conflicts);

// The fields of docs/json.md, section create, without the document's own.
[[nodiscard]] Json json_created(const CreateResult& result);

}  // namespace cas
