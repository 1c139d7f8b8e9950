// Paths inside packages and environments, checked before anything is done with them.
//
// A valid relative path is UTF-8, has one or more components separated by single '/', no component that
// is empty, ".", "..", longer than 255 bytes, or that contains a control character (U+0000-U+001F, U+007F)
// or a backslash; it is at most 4,000 bytes long. Such a path can be joined to a root and never leaves it,
// provided no component on disk is a symbolic link.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cas {

inline constexpr std::size_t kMaxComponentBytes = 255;  // NAME_MAX of every Linux filesystem of interest
inline constexpr std::size_t kMaxRelativePathBytes = 4000;

// Why `path` is not a valid relative path, as the end of a sentence ("contains '..'"); nullopt: it is valid.
[[nodiscard]] std::optional<std::string> relative_path_problem(std::string_view path);

// Why `name` is not one safe path component (a script's name, say); nullopt: it is.
[[nodiscard]] std::optional<std::string> component_problem(std::string_view name);

[[nodiscard]] bool is_valid_utf8(std::string_view text);

// The directory part ("a/b" of "a/b/c", "" of "c") and the last component.
[[nodiscard]] std::string_view parent_of(std::string_view path);
[[nodiscard]] std::string_view name_of(std::string_view path);

// Control characters but those `kept`, characters that reorder what stands beside them, and invalid UTF-8 as \xNN.
[[nodiscard]] std::string escaped(std::string_view text, std::string_view kept = {});
// `text` for messages: without_secrets() (store/base/secrets.hpp), escaped, elided in the middle beyond 200 bytes.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace cas
