#include "linker/python/python_files.hpp"

#include <fmt/format.h>

#include <boost/filesystem.hpp>

#include "linker/python/pyenv.hpp"
#include "linker/python/python_request.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

namespace fs = boost::filesystem;

std::string words_for(const boost::system::error_code& error) {
  if (error == boost::system::errc::no_such_file_or_directory || error == boost::system::errc::not_a_directory) {
    return "there is no such file";
  }
  return error.message();
}

bool looks_like_interpreter(const std::string& name) {
  if (name == "python" || name == "pypy" || name == "graalpy") return true;
  const auto told = parse_python_name(name);
  return told && (name.starts_with("python") || !told->implementation.empty()) &&
         name.find_first_of("-+") == std::string::npos;
}

}  // namespace

std::optional<std::string> file_problem(const std::string& path) {
  boost::system::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_not_found && is_dangling_link(path)) {
    boost::system::error_code ignored;
    return fmt::format("it is a link to {}, which does not exist", printable(fs::read_symlink(path, ignored).string()));
  }
  if (status.type() == fs::file_not_found) return "there is no such file";
  if (status.type() == fs::status_error) return words_for(error);
  if (status.type() != fs::regular_file) return "not an executable file";
  if ((status.permissions() & (fs::owner_exe | fs::group_exe | fs::others_exe)) == 0) return "not an executable file";
  return std::nullopt;
}

std::optional<std::string> directory_problem(const std::string& path) {
  boost::system::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_not_found) return std::string(kNotThere);
  if (status.type() == fs::status_error) return words_for(error);
  if (status.type() != fs::directory_file) return "not a directory";
  const fs::directory_iterator first(path, error);
  if (error) return error.message();
  return std::nullopt;
}

bool is_dangling_link(const std::string& path) {
  boost::system::error_code error;
  if (fs::symlink_status(path, error).type() != fs::symlink_file) return false;
  const fs::file_type target = fs::status(path, error).type();
  return target == fs::file_not_found || target == fs::status_error;
}

std::string identity_of(const std::string& path) {
  boost::system::error_code error;
  std::string real = fs::canonical(path, error).string();
  if (error || name_of(real).find("py") == std::string_view::npos) return path;
  try {
    const auto info = stat_path(real);
    if (info) return fmt::format("{}/\n{}:{}", parent_of(real), info->st_dev, info->st_ino);
  } catch (const Error&) {  // it went meanwhile, or cannot be looked at any more
  }
  return real;
}

std::optional<std::string> python_of_prefix(const std::string& prefix) {
  const std::string folder = prefix + "/bin";
  std::vector<std::string> names{"python3", "python"};
  for (std::string& name : interpreter_names_in(folder)) names.push_back(std::move(name));
  std::optional<std::string> dangling;
  for (const std::string& name : names) {
    std::string path = folder + "/" + name;
    if (!file_problem(path)) return path;
    if (!dangling && is_dangling_link(path)) dangling = std::move(path);
  }
  return dangling;
}

std::vector<std::string> interpreter_names_in(const std::string& folder) {
  std::vector<std::string> names;
  boost::system::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    if (looks_like_interpreter(name)) names.push_back(std::move(name));
  }
  sort_newest_first(names);
  return names;
}

std::vector<std::string> directories_in(const std::string& folder) {
  std::vector<std::string> names;
  boost::system::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!directory_problem(it->path().string())) names.push_back(it->path().filename().string());
  }
  return names;
}

std::string absolute_in(const std::string& directory, const std::string& path) {
  const std::string below = path.starts_with("./") ? path.substr(2) : path;
  std::string result = path.starts_with('/') ? path : directory + (directory.ends_with('/') ? "" : "/") + below;
  while (result.size() > 1 && (result.ends_with('/') || result.ends_with("/."))) {
    result.resize(result.size() - (result.ends_with('/') ? 1 : 2));
  }
  return result.empty() ? "/" : result;
}

}  // namespace cas
