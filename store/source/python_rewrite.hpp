// Texts of a Python installation that name its place, rewritten so that they follow it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

// What an installation's texts call its place. A prefix that others share (/usr) stands for much that is not Python's:
// there only the directories that are Python's own are rewritten.
struct PythonPlaces {
  std::string prefix;              // "/opt/python"
  std::vector<std::string> below;  // relative: "lib/python3.12", "include/python3.12"
  bool shared_prefix = false;
};

// The new text; nullopt where the file at `path` (relative to the prefix) is none of those that are rewritten.
[[nodiscard]] std::optional<std::string> rewritten_python_file(std::string_view path, std::string_view text,
                                                               const PythonPlaces& places);
// Whether rewritten_python_file() wants to see the file.
[[nodiscard]] bool is_rewritten_python_file(std::string_view path);
// Files that name their place in a way that cannot follow it.
[[nodiscard]] bool is_bound_to_its_place(std::string_view path);

}  // namespace cas
