// Distributions that are not installed (yet), for the questions that are asked of those that are.
#pragma once

#include <vector>

#include "linker/installed/distribution.hpp"
#include "store/base/package_model.hpp"
#include "store/requirement/requirement.hpp"

namespace cas {

// As it will be when the package is installed.
[[nodiscard]] InstalledDistribution foreseen_distribution(const PackageMetadata& metadata);

// One that requires what the user asks for, whatever the markers (they were looked at), so that his extras count. Its name is none that a
// package could have.
[[nodiscard]] InstalledDistribution asking_user(const std::vector<Requirement>& asked_for);

}  // namespace cas
