// Where interpreters are looked for.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "linker/python/python_request.hpp"
#include "linker/python/python_surroundings.hpp"

namespace cas {

enum class PythonSource {
  named,        // by its path
  environment,  // VIRTUAL_ENV
  conda,        // CONDA_PREFIX
  path,         // PATH
  pyenv,
  uv,
  store
};

// "path", "PATH", "pyenv", …: for tables and --json.
[[nodiscard]] std::string_view source_word(PythonSource source);

// Something that may be an interpreter; nobody has run it yet.
struct PythonCandidate {
  std::string path;  // absolute, not resolved: what is run
  PythonSource source = PythonSource::named;
  std::string name;     // what it is called where it was found ("python3.9", "pypy3.10-7.3.15"); "": nothing that tells
  std::string told_by;  // what led here beyond the source: a shim, the file or variable that selects a version; or ""
  std::string problem;  // not "": it cannot be run, and why
};

// The request, but for the path of a shim of pyenv's that nothing selected stands behind: what its name asks for, where that says a minor
// version ("…/shims/python3.12"). Otherwise the shim could mean nothing else than the selection.
[[nodiscard]] PythonRequest without_shim(const PythonRequest& request, const PythonSurroundings& surroundings);

// Calls `visit` with each candidate, in this order, until it returns false:
//
//   the environment of VIRTUAL_ENV, then that of CONDA_PREFIX;
//   interpreters added to the store, if the request names a version or an implementation;
//   PATH: the names that the request suggests (python3.12), python3, python, each through all folders; then, unless the request
//     is for one minor version, every name like an interpreter's, newest first within a folder. A shim of pyenv's is
//     replaced by what it stands for, and left out where that is nothing or another entry of PATH;
//   pyenv's selected versions, then all of its versions, newest first;
//   uv's, newest first;
//   interpreters added to the store, if not visited above;
//   interpreters captured into the store: last, because the machine's own is what an update changes, and a captured one
//     stands for what was there once. It is what is left when the original is gone.
//
// A candidate whose name excludes it is not visited, nor one that is the same file as an earlier one. For a path or a name in
// PATH there is one candidate. What an environment's python leads to is found out by running it (inspect_interpreter).
// Returns where it looked, as far as it came: "PATH (/usr/bin, /bin)". Throws NotFound where a path or a name names nothing.
std::vector<std::string> visit_candidates(const PythonRequest& request, const PythonSurroundings& surroundings,
                                          const std::function<bool(const PythonCandidate&)>& visit);

}  // namespace cas
