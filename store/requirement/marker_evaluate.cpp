// What markers mean; marker.cpp reads and writes them.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/requirement/marker.hpp"
#include "store/source/version.hpp"
#include "store/source/wheel_name.hpp"

namespace cas {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

struct EnvironmentVariable {
  std::string_view name;
  std::string MarkerEnvironment::*value;
  bool is_version;
};
constexpr std::array<EnvironmentVariable, 12> kVariables{
    {{"os_name", &MarkerEnvironment::os_name, false},
     {"sys_platform", &MarkerEnvironment::sys_platform, false},
     {"platform_machine", &MarkerEnvironment::platform_machine, false},
     {"platform_python_implementation", &MarkerEnvironment::platform_python_implementation, false},
     {"platform_release", &MarkerEnvironment::platform_release, true},
     {"platform_system", &MarkerEnvironment::platform_system, false},
     {"platform_version", &MarkerEnvironment::platform_version, false},
     {"python_version", &MarkerEnvironment::python_version, true},
     {"python_full_version", &MarkerEnvironment::python_full_version, true},
     {"implementation_name", &MarkerEnvironment::implementation_name, false},
     {"implementation_version", &MarkerEnvironment::implementation_version, true},
     {"extra", &MarkerEnvironment::extra, false}}};

[[noreturn]] void fail_undefined(const MarkerNode& node, std::string_view why) {
  const auto shown = [](const MarkerNode::Operand& operand) {
    return operand.is_variable ? operand.text : fmt::format("\"{}\"", printable(operand.text));
  };
  throw UsageError(fmt::format("marker '{} {} {}': {}", shown(node.left), node.comparison, shown(node.right), why));
}

// The variable's value, as it is compared.
std::string value_of(const EnvironmentVariable& variable, const MarkerEnvironment& environment) {
  const std::string& value = environment.*variable.value;
  if (variable.name == "extra") return normalize_name(value);
  // Python calls a build between two versions "3.13.0+", which is not a version.
  if (variable.name == "python_full_version" && value.ends_with('+')) return value + "local";
  return value;
}

// nullopt: `wanted` is not what may stand after the sign; the comparison is one of texts.
std::optional<bool> compared_as_versions(const std::string& left, const std::string& sign, const std::string& wanted) {
  if (sign == "in" || sign == "not in") return std::nullopt;
  if (sign == "===") {
    const std::string_view exact = trimmed(wanted, kBlanks);
    if (exact.find_first_of(" \t\r\n\f\v;)") != std::string_view::npos) return std::nullopt;
    return lower_case(left) == lower_case(exact);
  }
  const std::optional<Specifier> specifier = Specifier::parse(sign + wanted);
  if (!specifier) return std::nullopt;
  const std::optional<Version> version = Version::parse(left);
  return version && specifier->contains(*version);
}

bool compared_as_texts(const MarkerNode& node, const std::string& left, const std::string& right) {
  const std::string& sign = node.comparison;
  if (sign == "in") return right.find(left) != std::string::npos;
  if (sign == "not in") return right.find(left) == std::string::npos;
  // Texts have no order: only what holds for equal ones can hold.
  if (sign == "==" || sign == "<=" || sign == ">=") return left == right;
  if (sign == "!=") return left != right;
  if (sign == "<" || sign == ">") return false;
  fail_undefined(node, "these are not versions, and texts cannot be compared like this");
}

bool is_member(const MarkerNode& node, const MarkerEnvironment& environment) {
  const auto& set = node.right.text == "extras" ? environment.extras : environment.dependency_groups;
  if (!set) fail_undefined(node, fmt::format("'{}' has a meaning in lock files only", node.right.text));
  const bool found = std::any_of(set->begin(), set->end(),
                                 [&node](const std::string& name) { return normalize_name(name) == node.left.text; });
  return found == (node.comparison == "in");
}

bool holds(const MarkerNode& node, const MarkerEnvironment& environment) {
  if (node.right.is_variable && (node.right.text == "extras" || node.right.text == "dependency_groups")) {
    return is_member(node, environment);
  }
  // With a variable on either side, the right one counts as text, as in `packaging`.
  const std::string& name = node.left.is_variable ? node.left.text : node.right.text;
  const auto variable = std::find_if(kVariables.begin(), kVariables.end(),
                                     [&name](const EnvironmentVariable& known) { return known.name == name; });
  const std::string value = value_of(*variable, environment);
  const std::string& left = node.left.is_variable ? value : node.left.text;
  const std::string& right = node.left.is_variable ? node.right.text : value;
  if (variable->is_version) {
    if (const auto result = compared_as_versions(left, node.comparison, right)) return *result;
  }
  return compared_as_texts(node, left, right);
}

// Every condition is evaluated: one without a meaning is a fault also where the others decide.
bool evaluated(const MarkerNode& node, const MarkerEnvironment& environment) {
  if (node.alternatives.empty()) return holds(node, environment);
  bool any = false;
  for (const auto& conditions : node.alternatives) {
    bool all = true;
    for (const MarkerNode& condition : conditions) {
      if (!evaluated(condition, environment)) all = false;
    }
    any = any || all;
  }
  return any;
}

}  // namespace

bool Marker::evaluate(const MarkerEnvironment& environment) const { return evaluated(root_, environment); }

}  // namespace cas
