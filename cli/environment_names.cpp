#include "cli/environment_names.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

std::optional<std::string> name_problem(std::string_view name) {
  if (auto problem = component_problem(name)) return problem;
  if (name.starts_with('.')) return "begins with a dot";
  if (name.starts_with('-')) return "begins with a dash";
  if (name.find(':') != std::string_view::npos) return "holds a colon, which cannot stand in PATH";
  return std::nullopt;
}

void refuse_name(std::string_view name, std::string_view hint) {
  if (const auto problem = name_problem(name)) {
    throw UsageError(fmt::format("'{}' cannot be the name of an environment: it {}", printable(name), *problem),
                     std::string(hint));
  }
}

bool has_environment(const std::string& path) {
  return stat_path(path + "/pyvenv.cfg").has_value() || stat_path(path + "/.cas").has_value();
}

}  // namespace

std::string environments_directory(const GlobalOptions& global) {
  const char* own = std::getenv("CAS_ENVS");
  if (own != nullptr && *own != '\0') return absolute_path(own);
  return absolute_path(store_options(global).path) + "-envs";
}

std::string named_environment(const GlobalOptions& global, const std::string& name) {
  refuse_name(name, "a path is given without --name");
  return environments_directory(global) + "/" + name;
}

std::string environment_operand(const GlobalOptions& global, const std::string& operand) {
  const bool is_path = operand.find('/') != std::string::npos || name_problem(operand);
  if (is_path || has_environment(operand)) return operand;
  try {
    std::string named = environments_directory(global) + "/" + operand;
    if (has_environment(named)) return named;
  } catch (const UsageError&) {
    // No store is named anywhere: then nothing has a name.
  }
  return operand;
}

std::string existing_environment(const GlobalOptions& global, const std::string& operand) {
  std::string path = environment_operand(global, operand);
  if (path != operand || operand.find('/') != std::string::npos || name_problem(operand) || stat_path(operand))
    return path;
  const std::string path_shown = printable(absolute_path(operand));
  std::string problem = fmt::format("there is no environment {}", path_shown);
  try {
    problem = fmt::format("there is neither an environment {} nor one named '{}' in {}", path_shown, printable(operand),
                          printable(environments_directory(global)));
  } catch (const UsageError&) {
    // As above.
  }
  throw NotFound(problem, "`cas list` shows those of a store");
}

std::optional<std::string> name_of_environment(const GlobalOptions& global, const std::string& path) {
  const std::string_view name = name_of(path);
  if (name_problem(name) || parent_of(path) != environments_directory(global)) return std::nullopt;
  return std::string(name);
}

std::string renamed_environment(const std::string& path, const std::string& name) {
  refuse_name(name, "`cas move ENV NEW` takes a path");
  return std::string(parent_of(absolute_path(path))) + "/" + name;
}

std::string new_environment(const GlobalOptions& global, const std::optional<std::string>& operand,
                            const std::optional<std::string>& name, std::string_view usage) {
  if (operand && name) {
    throw UsageError("a path and a name are given for one environment", std::string(usage));
  }
  if (name) return named_environment(global, *name);
  if (!operand) throw UsageError("no environment is named", std::string(usage));
  return *operand;
}

}  // namespace cas
