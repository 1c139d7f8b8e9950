// Installed distributions as requirements that would install the same again, in the spelling of `pip freeze`.
#pragma once

#include <string>
#include <vector>

#include "linker/installed/installed_packages.hpp"

namespace cas {

struct FrozenRequirement {
  const InstalledDistribution* distribution = nullptr;
  std::string comment;      // "": none; else a line with "#" in front
  std::string requirement;  // "demo==1.0", "demo @ URL", "-e DIRECTORY"
};

// What a developer's tools are, which `pip freeze` leaves out: pip; before Python 3.12 setuptools, wheel and distribute, too.
[[nodiscard]] bool is_packaging_tool(const InstalledDistribution& distribution, const std::string& python_version);

// Each name once, in the environment's order. As pip, but for an editable install below version control: pip asks that for
// its address and revision; here it is the directory.
[[nodiscard]] std::vector<FrozenRequirement> frozen_requirements(const InstalledEnvironment& environment);

// "demo==1.0"; "demo===text" where the version is none.
[[nodiscard]] std::string name_and_version(const InstalledDistribution& distribution);
// "demo @ URL#sha256=…". REQUIRES: it has a direct URL.
[[nodiscard]] std::string direct_reference(const InstalledDistribution& distribution);

}  // namespace cas
