// One commit of a repository, by the program git.
#pragma once

#include <chrono>
#include <string>

#include "linker/build/project_source.hpp"

namespace cas {

// Clones `source.url` below `scratch` and checks its commit out, with its submodules and its tags, which some back-ends make versions of. The
// user's hooks do not run, and nothing is asked on the terminal. The directory of the tree. Throws InvalidInput for what is no commit,
// NotFound where there is no git, or offline, Error with what git said.
[[nodiscard]] std::string check_out(PackageNetwork& network, const ProjectSource& source, const std::string& scratch,
                                    std::chrono::seconds limit, Progress& progress);

}  // namespace cas
