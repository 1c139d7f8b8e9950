#include "linker/plan_paths.hpp"

#include <algorithm>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/source/reserved.hpp"

namespace cas {
namespace {

bool is_below(std::string_view path, std::string_view directory) {
  return path.size() > directory.size() && path.starts_with(directory) && path[directory.size()] == '/';
}

}  // namespace

std::string join_path(std::string_view directory, std::string_view name) {
  std::string path;
  path.reserve(directory.size() + 1 + name.size());
  path += directory;
  if (!directory.empty() && !name.empty()) path += '/';
  path += name;
  return path;
}

std::string scheme_directory(Scheme scheme, const PackageMetadata& metadata, const EnvironmentLayout& layout) {
  switch (scheme) {
    case Scheme::purelib:
    case Scheme::platlib:
      return layout.site_packages;
    case Scheme::scripts:
      return layout.scripts;
    case Scheme::headers:
      return join_path(layout.headers, metadata.name);
    case Scheme::data:
    case Scheme::interpreter:
      return {};
  }
  throw Corruption("a package has a file of an unknown scheme");
}

std::string environment_path(const PackageFile& file, const PackageMetadata& metadata,
                             const EnvironmentLayout& layout) {
  return join_path(scheme_directory(file.scheme, metadata, layout), file.path);
}

std::string record_path(std::string_view path, std::string_view site_packages) {
  std::string_view base = site_packages;
  if (is_below(path, base)) return std::string(path.substr(base.size() + 1));
  // Leave out the folders that both share, and climb out of the others.
  while (!base.empty()) {
    const std::size_t slash = base.find('/');
    const std::string_view folder = base.substr(0, slash);
    if (!is_below(path, folder)) break;
    path.remove_prefix(folder.size() + 1);
    base.remove_prefix(slash == std::string_view::npos ? base.size() : slash + 1);
  }
  std::string result;
  while (!base.empty()) {
    const std::size_t slash = base.find('/');
    result += "../";
    base.remove_prefix(slash == std::string_view::npos ? base.size() : slash + 1);
  }
  result += path;
  return result;
}

bool link_leads_out(std::string_view directory, std::string_view target) {
  std::size_t depth = directory.empty() ? 0 : 1 + static_cast<std::size_t>(std::ranges::count(directory, '/'));
  if (target.empty() || target.front() == '/') return true;
  while (!target.empty()) {
    const std::size_t slash = target.find('/');
    const std::string_view component = target.substr(0, slash);
    if (component == "..") {
      if (depth == 0) return true;
      --depth;
    } else if (!component.empty() && component != ".") {
      ++depth;
    }
    target.remove_prefix(slash == std::string_view::npos ? target.size() : slash + 1);
  }
  return false;
}

std::optional<std::string> environment_problem(std::string_view path, const EnvironmentLayout& layout) {
  if (is_below(path, layout.site_packages)) return std::nullopt;
  for (const std::string_view own :
       {std::string_view(layout.site_packages), std::string_view(layout.scripts), std::string_view(layout.headers)}) {
    if (path == own || is_below(own, path)) return "is reserved: it must be a directory";
  }
  const std::string_view library = parent_of(layout.site_packages);
  if (!library.empty() && is_below(path, library)) {
    return "is reserved: it belongs to the environment's standard library";
  }
  if (is_below(path, layout.scripts)) {
    const std::string_view name = path.substr(layout.scripts.size() + 1);
    if (name.starts_with("pypy") && name.find_first_not_of("0123456789.", 4) == std::string_view::npos) {
      return "is reserved: it is the environment's interpreter";
    }
    return reserved_problem(Scheme::scripts, name);
  }
  return reserved_problem(Scheme::data, path);
}

}  // namespace cas
