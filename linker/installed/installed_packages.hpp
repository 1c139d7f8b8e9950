// What is installed in an environment, by what lies in site-packages: also what pip installed, upgraded or removed after cas made it,
// and in environments of other tools.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "linker/installed/distribution.hpp"

namespace cas {

struct InstalledEnvironment {
  std::string path;            // absolute
  std::string site_packages;   // relative to it: "lib/python3.12/site-packages"
  std::string python_version;  // as pyvenv.cfg says, "3.12.1"; "3.12" where it says nothing
  // Ordered as pip orders them: by their names, upper and lower case alike. What has one name stands in the directory's own order, of
  // which Python and pip take the first.
  std::vector<InstalledDistribution> distributions;
  // What is there and cannot be read, as sentences beginning with the path: no METADATA, no name, too large, …
  std::vector<std::string> unreadable;
  // What is there and not looked at: development installs of setuptools, whose description lies elsewhere. Sentences as well.
  std::vector<std::string> passed_over;
};

// `path`: of a directory with pyvenv.cfg, anybody's. Opens neither store nor index, runs nothing. Packages of the base interpreter, which an environment
// with system-site-packages sees, are not listed. Nothing is read by way of a symbolic link below `path`; files have limits.
// Throws NotFound where nothing is at `path`, Error where it is no environment.
[[nodiscard]] InstalledEnvironment read_installed(const std::string& path);

// The first of that name, which may be spelled in any way; nullptr: there is none.
[[nodiscard]] const InstalledDistribution* find_installed(const InstalledEnvironment& environment,
                                                          std::string_view name);

// The tags that its WHEEL names ("py3-none-any"), unchecked; none where there is no such file, or it cannot be read.
[[nodiscard]] std::vector<std::string> wheel_tags_of(const InstalledEnvironment& environment,
                                                     const InstalledDistribution& distribution);

}  // namespace cas
