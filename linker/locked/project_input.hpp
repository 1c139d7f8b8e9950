// Projects as inputs: what a pyproject.toml asks for.
#pragma once

#include <string>
#include <string_view>

#include "linker/locked/package_inputs.hpp"
#include "store/base/progress.hpp"
#include "store/requirement/project_file.hpp"

namespace cas {

// "pyproject.toml".
[[nodiscard]] bool is_project_file_name(std::string_view file_name);

// Adds what the project at `path` asks for, and which Pythons it wants. A warning names what of it has another meaning for uv.
// Throws what reading and choosing throw (project_file.hpp).
void add_project(const std::string& path, const ProjectChoice& choice, PackageInputs& inputs, Progress& progress);

}  // namespace cas
