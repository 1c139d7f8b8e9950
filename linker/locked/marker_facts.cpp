#include "linker/locked/marker_facts.hpp"

#include <fmt/format.h>

namespace cas {
namespace {

// platform.python_implementation().
std::string implementation_label(const std::string& name) {
  if (name == "cpython") return "CPython";
  if (name == "pypy") return "PyPy";
  if (name == "graalpy") return "GraalVM";
  return name;
}

}  // namespace

MarkerEnvironment marker_environment(const InterpreterFacts& facts, const SystemName& system) {
  MarkerEnvironment environment;
  environment.os_name = "posix";
  environment.sys_platform = "linux";
  environment.platform_machine = system.machine;
  environment.platform_python_implementation = implementation_label(facts.implementation);
  environment.platform_release = system.release;
  environment.platform_system = system.system;
  environment.platform_version = system.version;
  environment.python_version = fmt::format("{}.{}", facts.major, facts.minor);
  environment.python_full_version = facts.version;
  environment.implementation_name = facts.implementation;
  environment.implementation_version = facts.version;
  return environment;
}

MarkerEnvironment system_markers(const InterpreterFacts& facts) { return marker_environment(facts, system_name()); }

}  // namespace cas
