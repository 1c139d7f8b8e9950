#include "store/source/reserved.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/base/relpath.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

std::string_view take_component(std::string_view& path) {
  const std::size_t slash = path.find('/');
  const std::string_view component = path.substr(0, slash);
  path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  return component;
}

// "python", "python3", "python3.12", "python3.13t".
bool is_python_name(std::string_view name) {
  constexpr std::string_view kPython = "python";
  return name.starts_with(kPython) &&
         name.substr(kPython.size()).find_first_not_of("0123456789.t") == std::string_view::npos;
}

std::optional<std::string> script_problem(std::string_view path) {
  const std::string_view name = take_component(path);
  if (is_python_name(name)) return "is reserved: it is the environment's interpreter";
  const std::string lower = lower_case(name);
  if (lower == "activate" || lower.starts_with("activate.") || lower == "activate_this.py" ||
      lower.starts_with("deactivate")) {
    return "is reserved: it is the environment's activation script";
  }
  return std::nullopt;
}

std::optional<std::string> library_problem(std::string_view path) {
  if (path.empty()) return "is reserved: it must be a directory";
  if (!is_python_name(take_component(path))) return std::nullopt;
  if (path.empty()) return "is reserved: it must be a directory";
  if (take_component(path) != "site-packages") return "is reserved: it belongs to the environment's standard library";
  if (path.empty()) return "is reserved: it must be a directory";
  return std::nullopt;
}

std::optional<std::string> data_problem(std::string_view path) {
  const std::string_view first = take_component(path);
  for (const std::string_view own : {"pyvenv.cfg", "lib64", ".cas", ".gitignore", "CACHEDIR.TAG", "conda-meta"}) {
    if (first == own) return fmt::format("is reserved: '{}' is the environment's own", own);
  }
  if (first == "lib") return library_problem(path);
  if (path.empty() && (first == "bin" || first == "include")) return "is reserved: it must be a directory";
  if (first == "bin") return script_problem(path);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> reserved_problem(Scheme scheme, std::string_view path) {
  switch (scheme) {
    case Scheme::scripts:
      if (path.find('/') != std::string_view::npos) return "is not one file name: scripts have no folders";
      return script_problem(path);
    case Scheme::data:
      return data_problem(path);
    case Scheme::purelib:
    case Scheme::platlib:
    case Scheme::headers:
    case Scheme::interpreter:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string_view> below_site_packages(std::string_view data_path) {
  if (take_component(data_path) != "lib" || !is_python_name(take_component(data_path)) ||
      take_component(data_path) != "site-packages" || data_path.empty()) {
    return std::nullopt;
  }
  return data_path;
}

}  // namespace cas
