// Wheels that only describe what is installed, for a resolver to read: no program of an index knows that a version is there already.
#pragma once

#include <string>
#include <vector>

#include "linker/installed/distribution.hpp"

namespace cas {

// What such a wheel is called, for Pythons of that tag ("cp312-cp312-linux_x86_64"); "" where its name or version is no valid one, or too long. Its build number is higher than
// any that is in use: of two wheels of one version it is the better one.
[[nodiscard]] std::string description_wheel_name(const InstalledDistribution& distribution, const std::string& tag);

// Writes one for each, of those with a valid version, into the open directory. Nothing is in them but name, version and requirements: they are
// for no store and no environment.
void write_description_wheels(int directory, const std::vector<InstalledDistribution>& distributions,
                              const std::string& tag);

}  // namespace cas
