#include "linker/python/python_surroundings.hpp"

#include <algorithm>
#include <boost/filesystem.hpp>
#include <cstdlib>

namespace cas {

std::string PythonSurroundings::variable(std::string_view name) const {
  const auto found = variables.find(name);
  return found == variables.end() ? std::string() : found->second;
}

PythonSurroundings process_surroundings() {
  PythonSurroundings surroundings;
  for (const char* name : {"PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "PYENV_ROOT", "PYENV_VERSION",
                           "UV_PYTHON_INSTALL_DIR", "XDG_DATA_HOME"}) {
    if (const char* value = std::getenv(name)) surroundings.variables[name] = value;
  }
  if (const char* home = std::getenv("HOME")) surroundings.home = home;
  boost::system::error_code error;
  surroundings.directory = boost::filesystem::current_path(error).string();
  if (error) surroundings.directory = "/";  // it was removed; what is named relative to it cannot be found anyway
  return surroundings;
}

std::vector<std::string> folders_of_path(const PythonSurroundings& surroundings) {
  const auto set = surroundings.variables.find("PATH");
  std::string_view rest = "/usr/local/bin:/usr/bin:/bin";
  if (set != surroundings.variables.end()) rest = set->second;
  std::vector<std::string> folders;
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    std::string_view folder = rest.substr(0, colon);
    while (folder.size() > 1 && folder.ends_with('/')) folder.remove_suffix(1);
    if (folder.starts_with('/') && std::ranges::find(folders, folder) == folders.end()) folders.emplace_back(folder);
    rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
  }
  return folders;
}

}  // namespace cas
