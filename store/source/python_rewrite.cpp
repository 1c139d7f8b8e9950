#include "store/source/python_rewrite.hpp"

#include <fmt/format.h>

#include "store/base/relpath.hpp"

namespace cas {
namespace {

bool is_sysconfig_data(std::string_view path) {
  return name_of(path).starts_with("_sysconfigdata") && path.ends_with(".py");
}
bool is_pkg_config(std::string_view path) { return path.ends_with(".pc"); }
bool is_config_script(std::string_view path) { return parent_of(path) == "bin" && path.ends_with("-config"); }
bool is_makefile(std::string_view path) {
  return name_of(path) == "Makefile" && name_of(parent_of(path)).starts_with("config");
}
bool is_layout_module(std::string_view path) {
  return path.ends_with("/site.py") || path.ends_with("/sysconfig.py") || path.ends_with("/sysconfig/__init__.py") ||
         path.ends_with("/_distutils_system_mod.py");
}
bool is_config_program(std::string_view path) { return name_of(path) == "python-config.py"; }

// The paths that are replaced, longest meaning first: the prefix itself, or Python's own directories below it.
std::vector<std::string> replaced_paths(const PythonPlaces& places) {
  if (!places.shared_prefix) return {places.prefix};
  std::vector<std::string> paths;
  for (const std::string& directory : places.below) paths.push_back(places.prefix + "/" + directory);
  return paths;
}

// Replaces each of `paths` where it stands as a whole path or its beginning; `prefix` characters of it become `with`.
std::string replace_paths(std::string_view text, const PythonPlaces& places, std::string_view with) {
  std::string result;
  const std::vector<std::string> paths = replaced_paths(places);
  while (!text.empty()) {
    std::size_t at = std::string_view::npos;
    for (const std::string& path : paths) {
      for (std::size_t found = text.find(path); found != std::string_view::npos; found = text.find(path, found + 1)) {
        const char next = found + path.size() < text.size() ? text[found + path.size()] : '\n';
        const bool whole = std::string_view("/\"' \t\r\n:;)").find(next) != std::string_view::npos;
        if (whole) {
          at = std::min(at, found);
          break;
        }
      }
    }
    if (at == std::string_view::npos) break;
    result += text.substr(0, at);
    result += with;
    text.remove_prefix(at + places.prefix.size());
  }
  result += text;
  return result;
}

// Debian's Python looks for packages in dist-packages, which the system's package manager fills, unless this condition holds:
// in a virtual environment. A captured one is the package manager's no longer.
std::optional<std::string> with_upstream_layout(std::string_view text) {
  constexpr std::string_view kCondition = "sys.base_prefix != sys.prefix or hasattr(sys, \"real_prefix\")";
  std::string result;
  bool found = false;
  for (std::size_t at = text.find(kCondition); at != std::string_view::npos; at = text.find(kCondition)) {
    result += text.substr(0, at);
    result += "True";
    text.remove_prefix(at + kCondition.size());
    found = true;
  }
  if (!found) return std::nullopt;
  result += text;
  return result;
}

std::string python_literal(std::string_view text) {
  std::string literal = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') literal += '\\';
    literal += c;
  }
  return literal + "'";
}

// Appended, so that the data itself stays what the builder wrote. Without `re`: importing that costs more than all of this.
std::string relocating_data(std::string_view text, const PythonPlaces& places) {
  std::string paths;
  for (const std::string& path : replaced_paths(places)) paths += python_literal(path) + ", ";
  std::string result(text);
  if (!result.ends_with('\n')) result += '\n';
  // Of a prefix that others share only the variables that say where Python is.
  const std::string own = !places.shared_prefix ? std::string()
                                                : fmt::format(
                                                      "    for name in ('prefix', 'exec_prefix', 'host_prefix', "
                                                      "'host_exec_prefix', 'BINDIR'):\n"
                                                      "        value = variables.get(name)\n"
                                                      "        if value in ({0}, {0} + '/bin'):\n"
                                                      "            variables[name] = sys.base_prefix + value[{1}:]\n",
                                                      python_literal(places.prefix), places.prefix.size());
  result += fmt::format(
      "\n\n"
      "def _follow_base_prefix(variables):\n"
      "    import sys\n"
      "    for name, value in variables.items():\n"
      "        if isinstance(value, str):\n"
      "            for path in ({}):\n"
      "                value = value.replace(path, sys.base_prefix + path[{}:])\n"
      "            variables[name] = value\n"
      "{}"
      "\n\n"
      "_follow_base_prefix(build_time_vars)\n"
      "del _follow_base_prefix\n",
      paths, places.prefix.size(), own);
  return result;
}

std::string relocating_script(std::string_view text, const PythonPlaces& places) {
  // The script finds its own prefix first; everything after that may use it.
  constexpr std::string_view kOwn = "prefix_real=$(installed_prefix \"$0\")\n";
  const std::size_t own = text.find(kOwn);
  if (own == std::string_view::npos) return std::string(text);
  const std::size_t end = own + kOwn.size();
  std::string result(text.substr(0, end));
  std::string rest = replace_paths(text.substr(end), places, "${prefix_real}");
  if (places.shared_prefix) {
    const std::string assignment = fmt::format("prefix=\"{}\"\n", places.prefix);
    const std::size_t at = rest.find(assignment);
    if (at != std::string::npos) rest.replace(at, assignment.size(), "prefix=\"${prefix_real}\"\n");
  }
  return result + rest;
}

}  // namespace

bool is_rewritten_python_file(std::string_view path) {
  return is_sysconfig_data(path) || is_pkg_config(path) || is_config_script(path) || is_makefile(path) ||
         is_config_program(path) || is_layout_module(path);
}

bool is_bound_to_its_place(std::string_view path) {
  // PEP 739's description, and the variables as JSON (3.14): tools read them without running Python.
  return name_of(path) == "build-details.json" ||
         (name_of(path).starts_with("_sysconfig_vars") && path.ends_with(".json"));
}

std::optional<std::string> rewritten_python_file(std::string_view path, std::string_view text,
                                                 const PythonPlaces& places) {
  if (is_sysconfig_data(path)) return relocating_data(text, places);
  if (is_config_script(path)) return relocating_script(text, places);
  if (is_pkg_config(path)) {
    std::string result = replace_paths(text, places, "${prefix}");
    const std::string own = fmt::format("prefix={}\n", places.shared_prefix ? places.prefix : "${prefix}");
    const std::size_t at = result.find(own);
    if (at != std::string::npos) result.replace(at, own.size(), "prefix=${pcfiledir}/../..\n");
    return result;
  }
  if (is_makefile(path)) {
    // lib/python3.12/config-3.12-x86_64-linux-gnu/Makefile
    std::string up;
    for (std::string_view rest = parent_of(path); !rest.empty(); rest = parent_of(rest)) up += "/..";
    return fmt::format("own_prefix := $(abspath $(dir $(lastword $(MAKEFILE_LIST))){})\n", up) +
           replace_paths(text, places, "$(own_prefix)");
  }
  if (is_config_program(path)) {
    const std::size_t newline = text.find('\n');
    if (!text.starts_with("#!") || newline == std::string_view::npos) return std::string(text);
    return "#!/usr/bin/env python3" + std::string(text.substr(newline));
  }
  if (is_layout_module(path)) return with_upstream_layout(text);
  return std::nullopt;
}

}  // namespace cas
