// Who builds a source tree: [build-system] of its pyproject.toml (PEP 517, PEP 518).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cas {

struct BuildSystem {
  std::vector<std::string> requires_;  // requirements, as they are written there
  std::string backend;                 // "module" or "module:object"
  std::vector<std::string> backend_path;
};

// That of a tree without pyproject.toml, or whose pyproject.toml names none: setuptools, as it was before there was a choice.
[[nodiscard]] BuildSystem legacy_build_system();

// `place`: for messages. Throws InvalidInput for what breaks the specifications.
[[nodiscard]] BuildSystem parse_build_system(std::string_view pyproject, std::string_view place);

}  // namespace cas
