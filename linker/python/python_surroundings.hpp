// What the search for interpreters depends on beside the disk: a struct, so that tests can make it up.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

struct PythonSurroundings {
  // PATH, VIRTUAL_ENV, CONDA_PREFIX, PYENV_ROOT, PYENV_VERSION, UV_PYTHON_INSTALL_DIR, XDG_DATA_HOME as far as they are set.
  std::map<std::string, std::string, std::less<>> variables;
  std::string directory;  // the current one, absolute
  std::string home;       // "": unknown
  // Interpreters of the store's own, absolute paths of executables: those that were added by hand, and those captured from
  // an interpreter of the machine when an environment was made (see visit_candidates() for their places in the order). These are asked for
  // only when the search comes to them, mostly never; empty: there are none.
  std::vector<std::string> added;
  std::function<std::vector<std::string>()> captured;

  // "" where it is not set.
  [[nodiscard]] std::string variable(std::string_view name) const;
};

// Those of this process; nothing of a store.
[[nodiscard]] PythonSurroundings process_surroundings();

// The absolute entries of PATH, once each. Empty and relative ones mean the current directory, which nobody wants an
// interpreter from.
[[nodiscard]] std::vector<std::string> folders_of_path(const PythonSurroundings& surroundings);

}  // namespace cas
