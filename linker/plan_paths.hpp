// Where files of packages lie in an environment, and what RECORD calls them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "linker/plan.hpp"

namespace cas {

// The directory below which a scheme of this package lies ("" for the environment's root).
[[nodiscard]] std::string scheme_directory(Scheme scheme, const PackageMetadata& metadata,
                                           const EnvironmentLayout& layout);

// `directory` "" is the root.
[[nodiscard]] std::string join_path(std::string_view directory, std::string_view name);

// `path`, which is relative to the environment's root, as RECORD writes it: relative to site-packages
// ("../../../bin/pip").
[[nodiscard]] std::string record_path(std::string_view path, std::string_view site_packages);

// Why no package may own `path` (relative to the environment's root), as the end of a sentence; nullopt: one may.
// What a wheel can be refused for without knowing the interpreter was refused when it was read; here the
// real layout is known.
[[nodiscard]] std::optional<std::string> environment_problem(std::string_view path, const EnvironmentLayout& layout);

// Whether a symbolic link in `directory` (relative to the root) with this target leads out of the root, or is absolute.
[[nodiscard]] bool link_leads_out(std::string_view directory, std::string_view target);

}  // namespace cas
