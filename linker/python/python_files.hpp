// What the search for interpreters asks the disk. Links are followed: what PATH names is usually one. Nothing here throws
// for what cannot be read: a search goes on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

// Why `path` is no executable file, as the end of a sentence; nullopt: it is one.
[[nodiscard]] std::optional<std::string> file_problem(const std::string& path);

// Why `path` is no directory that can be entered; nullopt: it is one.
inline constexpr std::string_view kNotThere = "not there";
[[nodiscard]] std::optional<std::string> directory_problem(const std::string& path);

// A symbolic link whose target cannot be reached.
[[nodiscard]] bool is_dangling_link(const std::string& path);

// Equal for two paths of one interpreter: the same file (also by two names of one inode) in the same folder behind all links.
// What leads to a program that is no Python by name (a manager's `python3 -> /usr/bin/mise`) acts by the name it
// is called by: it is itself alone.
[[nodiscard]] std::string identity_of(const std::string& path);

// bin/python3, bin/python or what else is like it in an environment or an installation; it may be a dangling link.
[[nodiscard]] std::optional<std::string> python_of_prefix(const std::string& prefix);

// Names like interpreters' (python, python3, python3.12, python3.13t, pypy3.10) in a folder, newest first within an
// implementation; without "python3-config" and the like. Empty where the folder cannot be read.
[[nodiscard]] std::vector<std::string> interpreter_names_in(const std::string& folder);

// The names of directories (also through links) in a folder, in no order.
[[nodiscard]] std::vector<std::string> directories_in(const std::string& folder);

// `path` if absolute, else below `directory`. Without "./" in front and slashes at its end.
[[nodiscard]] std::string absolute_in(const std::string& directory, const std::string& path);

}  // namespace cas
