#include <fmt/format.h>

#include <boost/filesystem.hpp>
#include <cstdlib>

#include "linker/interpreter.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

namespace fs = boost::filesystem;

// Follows links: what PATH names is usually one.
bool is_executable_file(const fs::path& path) {
  boost::system::error_code error;
  const fs::file_status status = fs::status(path, error);
  return !error && status.type() == fs::regular_file &&
         (status.permissions() & (fs::owner_exe | fs::group_exe | fs::others_exe)) != 0;
}

std::vector<std::string> folders_of_path() {
  const char* value = std::getenv("PATH");
  std::string_view rest = value == nullptr ? "/usr/local/bin:/usr/bin:/bin" : value;
  std::vector<std::string> folders;
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    const std::string_view folder = rest.substr(0, colon);
    // Empty and relative entries mean the current directory, which nobody wants an interpreter from.
    if (folder.starts_with('/')) folders.emplace_back(folder);
    rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
  }
  return folders;
}

std::optional<std::string> in_path(const std::vector<std::string>& folders, const std::string& name) {
  for (const std::string& folder : folders) {
    const std::string path = folder.ends_with('/') ? folder + name : folder + '/' + name;
    if (is_executable_file(path)) return path;
  }
  return std::nullopt;
}

bool is_version(std::string_view text) {
  if (text.ends_with('t')) text.remove_suffix(1);  // "3.13t": free-threaded
  return !text.empty() && text.front() >= '0' && text.front() <= '9' &&
         text.find_first_not_of("0123456789.") == std::string_view::npos;
}

// Absolute, but with every link and every name as given.
std::string given_path(const std::string& wanted) {
  const std::string path = fs::absolute(wanted).string();
  if (is_executable_file(path)) return path;
  boost::system::error_code error;
  const bool exists = fs::exists(path, error);
  throw NotFound(fmt::format("no Python interpreter at {}: {}", printable(path),
                             exists ? "not an executable file" : "there is no such file"));
}

}  // namespace

std::string find_interpreter(const std::optional<std::string>& wanted) {
  if (wanted && wanted->empty()) throw UsageError("the name of the Python interpreter is empty");
  if (wanted && wanted->find('/') != std::string::npos) return given_path(*wanted);

  std::vector<std::string> names;
  if (!wanted) {
    names = {"python3", "python"};
  } else if (is_version(*wanted)) {
    names = {"python" + *wanted};
  } else {
    names = {*wanted};
  }
  const std::vector<std::string> folders = folders_of_path();
  for (const std::string& name : names) {
    if (auto found = in_path(folders, name)) return *found;
  }
  throw NotFound(fmt::format("no {} in PATH; looked in {}", printable(fmt::format("{}", fmt::join(names, " and no "))),
                             printable(fmt::format("{}", fmt::join(folders, ", ")))),
                 "name an interpreter with --python PATH");
}

}  // namespace cas
