// pyenv: which of its versions are selected, and what its shims stand for. pyenv itself is never run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "linker/python/python_surroundings.hpp"

namespace cas {

// PYENV_ROOT, else ~/.pyenv; "" where neither is known. Need not exist.
[[nodiscard]] std::string pyenv_root(const PythonSurroundings& surroundings);

// That root, and those whose shims are in PATH; only what has versions.
[[nodiscard]] std::vector<std::string> pyenv_roots(const PythonSurroundings& surroundings);

// The root whose shims `folder` holds: a directory "shims" beside a directory "versions". nullopt: it is another directory.
[[nodiscard]] std::optional<std::string> root_of_shims(const std::string& folder);

struct PyenvChoice {
  std::string version;  // as selected: "3.12", "3.12.1", "system"
  std::string origin;   // "PYENV_VERSION", or the path of the file that selects it
  std::string prefix;   // absolute path of the installation; "": "system", or not installed
};

// What pyenv would select here, in its order: PYENV_VERSION (separated by colons), else the nearest .python-version from the
// current directory upwards, else ROOT/version. "3.12" means the newest installed 3.12.x. Files that cannot be read count as
// absent; names that would lead out of ROOT/versions are left out.
[[nodiscard]] std::vector<PyenvChoice> pyenv_choices(const std::string& root, const PythonSurroundings& surroundings);

// What is selected and not installed: pyenv itself fails then.
[[nodiscard]] bool is_missing(const PyenvChoice& choice);
// "PYENV_VERSION selects 3.77, which pyenv has not installed"
[[nodiscard]] std::string missing_text(const PyenvChoice& choice);

// The names below ROOT/versions, newest first; those that name no version last.
[[nodiscard]] std::vector<std::string> pyenv_versions(const std::string& root);

// Names of directories that start with a version or an implementation and a version, newest first, others behind them.
void sort_newest_first(std::vector<std::string>& names);

}  // namespace cas
