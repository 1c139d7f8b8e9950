// Scripts that carry the version of the Python they belong to: pip, pip3, pip3.12.
//
// The entry points of a wheel of pip name one version, that of the Python which happened to build it. Installers therefore
// make those names anew for the Python they install into; nobody has written down that rule, but every environment follows it.
#pragma once

#include <optional>
#include <vector>

#include "linker/plan.hpp"
#include "store/base/package_model.hpp"

namespace cas {

// The package's entry points as they are to be made in an environment of this layout: with `pip` among them, `pip`, `pip3` and
// `pip3.12` instead of every `pip`, `pipN` and `pipN.M`; with `easy_install`, `easy_install` and `easy_install-3.12` likewise.
// nullopt: as the package has them.
[[nodiscard]] std::optional<std::vector<EntryPoint>> versioned_scripts(const PackageMetadata& metadata,
                                                                       const EnvironmentLayout& layout);

}  // namespace cas
