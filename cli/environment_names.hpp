// Named environments: directories in one place, that may be spoken of without their path.
//
// The place is CAS_ENVS, else the directory beside the store that is called like it with "-envs" behind: on the store's
// filesystem in the ordinary case, so that links work, and never in the store, where environments are refused. As an environment
// belongs to one store, so does its name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/options.hpp"

namespace cas {

// Where commands that make an environment put it, relative to the current directory, when nobody names one.
inline constexpr const char* kUsualEnvironment = ".venv";

// Absolute. Throws UsageError where nobody says where the store is.
[[nodiscard]] std::string environments_directory(const GlobalOptions& global);

// Where the environment of that name lies, or would lie. Throws UsageError where `name` is not one safe path component, begins with
// '.' or '-', or holds a ':', which could not stand in PATH.
[[nodiscard]] std::string named_environment(const GlobalOptions& global, const std::string& name);

// The path that an operand means: what holds a '/', "." and ".." are paths; so is the name of a directory here with an environment in
// it (anybody's); else it is the environment of that name, if there is one; else a path again.
[[nodiscard]] std::string environment_operand(const GlobalOptions& global, const std::string& operand);

// The same, for commands that need what is there: throws NotFound, naming both places, where the operand could be a name and neither
// a path nor an environment of that name exists.
[[nodiscard]] std::string existing_environment(const GlobalOptions& global, const std::string& operand);

// The name by which environment_operand() finds `path`, an absolute path, from anywhere; nullopt: it has none.
[[nodiscard]] std::optional<std::string> name_of_environment(const GlobalOptions& global, const std::string& path);

// The path of an environment with another last component. Throws UsageError as named_environment() does.
[[nodiscard]] std::string renamed_environment(const std::string& path, const std::string& name);

// Where a new environment is to be: the operand as a path, or the one that `--name` gives. Throws UsageError unless exactly
// one of them is there. `usage`: the hint then.
[[nodiscard]] std::string new_environment(const GlobalOptions& global, const std::optional<std::string>& operand,
                                          const std::optional<std::string>& name, std::string_view usage);

}  // namespace cas
