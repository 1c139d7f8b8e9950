// What `cas gc --print-roots`, `--print-live` and `--print-dead` print.
#pragma once

#include "cli/command.hpp"
#include "cli/json_output.hpp"
#include "store/gc.hpp"
#include "store/gc_listing.hpp"

namespace cas {

// [{"key", "packages", "reason"}]
[[nodiscard]] Json json_plans(const std::vector<GcPlan>& plans);

void print_roots(const Context& context, const Store& store);
void print_side(const Context& context, const Store& store, const GcOptions& options, GcSide side);

}  // namespace cas
