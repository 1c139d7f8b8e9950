// Requirements that name sources themselves, by a path or an address: where they lie, and of which package they are.
#pragma once

#include <optional>
#include <string>

#include "store/requirement/requirement.hpp"

namespace cas {

// The path on this machine that the requirement names, absolute; nullopt: it names none.
[[nodiscard]] std::optional<std::string> local_path(const Requirement& requirement);

// The normalized name of the package at the requirement's location, as far as it can be told without building: by the requirement, by [project] of a
// directory's pyproject.toml, by the file name of an archive of sources. "": only building tells, or it has no location.
[[nodiscard]] std::string name_of_sources(const Requirement& requirement);

}  // namespace cas
