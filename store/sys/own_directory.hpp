// Directories that the store makes when it first needs them.
#pragma once

#include <string>

#include "store/sys/fd.hpp"

namespace cas {

// Opens one for reading; no descriptor where nothing has that name. Throws where something else has it, a link above all: what it is said
// to hold must not be taken for nothing.
[[nodiscard]] Fd open_own_directory_if_any(const std::string& path);

}  // namespace cas
