// File names by pattern, for arguments that no shell has expanded.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

// Whether `text` holds one of the characters * ? [ that make a pattern.
[[nodiscard]] bool is_glob_pattern(std::string_view text);

// Paths that match `pattern` as glob(7) says (a leading dot is matched only by a dot), sorted bytewise; empty: none.
// Throws SystemError when a directory cannot be read.
[[nodiscard]] std::vector<std::string> expand_glob(const std::string& pattern);

// The entries of a directory whose names end in `suffix`, as "<directory>/<name>", sorted bytewise. Not recursive;
// hidden ones are left out. Throws SystemError.
[[nodiscard]] std::vector<std::string> entries_with_suffix(const std::string& directory, std::string_view suffix);

enum class PathKind { file, directory };
// What lies at `path`, symbolic links followed; nullopt: nothing.
[[nodiscard]] std::optional<PathKind> kind_of_path(const std::string& path);

}  // namespace cas
