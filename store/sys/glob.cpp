#include "store/sys/glob.hpp"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// glob(3)'s answer, freed also when an exception passes.
struct GlobResult {
  GlobResult() = default;
  ~GlobResult() { ::globfree(&value); }
  GlobResult(const GlobResult&) = delete;
  GlobResult& operator=(const GlobResult&) = delete;
  glob_t value{};
};

}  // namespace

bool is_glob_pattern(std::string_view text) { return text.find_first_of("*?[") != std::string_view::npos; }

std::vector<std::string> expand_glob(const std::string& pattern) {
  GlobResult result;
  errno = 0;
  switch (::glob(pattern.c_str(), GLOB_ERR | GLOB_NOSORT, nullptr, &result.value)) {
    case 0:
      break;
    case GLOB_NOMATCH:
      return {};
    case GLOB_NOSPACE:
      throw SystemError(ENOMEM, "expanding", pattern);
    default:
      if (errno == ENOENT || errno == ENOTDIR) return {};  // a directory of the pattern does not exist
      throw SystemError(errno != 0 ? errno : EIO, "expanding", pattern);
  }
  std::vector<std::string> paths(result.value.gl_pathv, result.value.gl_pathv + result.value.gl_pathc);
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<std::string> entries_with_suffix(const std::string& directory, std::string_view suffix) {
  std::vector<std::string> paths;
  const std::string prefix = directory.ends_with('/') ? directory : directory + "/";
  // "directory/." because the user may name a symbolic link to it.
  const Fd opened = open_directory(prefix + ".");
  list_directory(opened.get(), directory, [&](const std::string& name, unsigned char) {
    if (!name.starts_with('.') && name.ends_with(suffix)) paths.push_back(prefix + name);
  });
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::optional<PathKind> kind_of_path(const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw_errno("looking at", path);
  }
  return S_ISDIR(info.st_mode) ? PathKind::directory : PathKind::file;
}

}  // namespace cas
