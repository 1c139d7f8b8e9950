// What became of an environment's packages, as text and as JSON.
#pragma once

#include <string>
#include <vector>

#include "cli/json_output.hpp"
#include "linker/packages/packages_result.hpp"

namespace cas {

// "+ six 1.16.0", "- six 1.16.0", "~ six 1.16.0 -> 1.17.0"
[[nodiscard]] std::string step_line(const PackageStep& step);

// "name", "before" and "after", which are null where there is none.
[[nodiscard]] Json json_steps(const std::vector<PackageStep>& steps);

}  // namespace cas
