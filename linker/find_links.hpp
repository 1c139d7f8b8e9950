// Choosing wheels from folders by requirement: `NAME` or `NAME==VERSION` (also ===, with extras ignored).
#pragma once

#include <optional>
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

// Whether a package of this name and version is meant: of versions that are equal by PEP 440 any.
[[nodiscard]] bool is_meant(const NameRequirement& requirement, const std::string& normalized_name,
                            const std::string& version);

// What a wheel has to fit.
struct WheelFit {
  const InterpreterFacts& facts;
  const TagSet& tags;  // of these facts
};

// The best wheel for `requirement` among the given files (paths): newest version, then best tag, then highest build
// tag. Requires-Python is not in the file name and is checked once the wheel is read. Throws NotFound saying which
// candidates there were and why each was not taken, or which name in `folders`, where the files lie, is the nearest.
[[nodiscard]] std::string choose_wheel(const NameRequirement& requirement, const std::vector<std::string>& files,
                                       const WheelFit& fit, const std::vector<std::string>& folders);
// The same; nullopt where none fits: `reasons` then says of each candidate why it was not taken, once for each file name.
[[nodiscard]] std::optional<std::string> find_wheel(const NameRequirement& requirement,
                                                    const std::vector<std::string>& files, const WheelFit& fit,
                                                    std::vector<std::string>& reasons);
// The first few of the reasons, in one line.
[[nodiscard]] std::string first_reasons(const std::vector<std::string>& reasons);

}  // namespace cas
