// Choosing wheels from folders by requirement: `NAME` or `NAME==VERSION` (also ===, with extras ignored).
#pragma once

#include <string>
#include <vector>

#include "linker/tags.hpp"

namespace cas {

struct NameRequirement {
  std::string normalized_name;
  std::string version;  // "" : the newest; pre-releases only where nothing else is there
  std::string text;     // as the user wrote it, for messages
};

// Throws UsageError when `text` is not of the form NAME or NAME==VERSION.
[[nodiscard]] NameRequirement parse_name_requirement(const std::string& text);

// The best wheel for `requirement` among the given files (paths): newest version, then best tag, then highest build
// tag. Requires-Python is not in the file name and is checked once the wheel is read. Throws NotFound saying which
// candidates there were and why each was not taken.
[[nodiscard]] std::string choose_wheel(const NameRequirement& requirement, const std::vector<std::string>& files,
                                       const TagSet& tags);

}  // namespace cas
