// Names that belong to an environment itself, which no package may bring.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/base/package_model.hpp"

namespace cas {

// Why a package must not place `path` (a valid relative path inside its scheme) there, as the end of a
// sentence ("is reserved: ..."); nullopt: it may. Compared with regard to case, but for the activation
// scripts, of which two shells spell one differently.
//
//   scripts  python[0-9.t]*, activate, activate.*, activate_this.py, deactivate*
//   data     pyvenv.cfg, lib64, .cas, .gitignore, CACHEDIR.TAG, and what lies below them; bin/<as above>;
//            lib/python<version>/* but what lies below site-packages; as files: bin, lib, include,
//            lib/python<version>, lib/python<version>/site-packages
[[nodiscard]] std::optional<std::string> reserved_problem(Scheme scheme, std::string_view path);

// If `data_path`, a path of the data scheme, lies in lib/python<version>/site-packages, the path below it.
[[nodiscard]] std::optional<std::string_view> below_site_packages(std::string_view data_path);

}  // namespace cas
