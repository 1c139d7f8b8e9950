// How much an environment is: the numbers that every command means by "files" and "directories" (docs/json.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "linker/plan.hpp"

namespace cas {

struct ContentCounts {
  std::uint64_t files = 0;        // what is no directory, the anchor included
  std::uint64_t directories = 0;  // the environment's own included
};

// What lies in an environment of this plan, as it is made. `own_files`: the paths of what makes the directory an environment.
[[nodiscard]] ContentCounts count_contents(const Plan& plan, const std::vector<std::string>& own_files,
                                           const EnvironmentLayout& layout);

// The directories that every environment has, and those above them; "" is the environment's own.
[[nodiscard]] std::vector<std::string> usual_directories(const std::string& site_packages);

}  // namespace cas
