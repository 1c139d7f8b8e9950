// Which files of an environment have bytecode, and where it lies.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "linker/bytecode/format.hpp"
#include "linker/interpreter.hpp"
#include "linker/plan.hpp"

namespace cas {

inline constexpr std::string_view kBytecodeDirectory = "__pycache__";

// bytecode_identity() of the interpreter's own; "" where it did not say enough, or writes none beside its sources.
[[nodiscard]] std::string interpreter_bytecode(const InterpreterFacts& facts);

// "core.py" -> "core.cpython-312.pyc".
[[nodiscard]] std::string bytecode_name(std::string_view source_name, std::string_view cache_tag);
// "demo/core.py" -> "demo/__pycache__/core.cpython-312.pyc".
[[nodiscard]] std::string bytecode_path(std::string_view source_path, std::string_view cache_tag);
// Whether bytecode that Python would write, or cas places, can lie at this path.
[[nodiscard]] bool is_bytecode_path(std::string_view path);

// "core.py"
[[nodiscard]] bool is_source_name(std::string_view name);
// The library directory (lib/python3.12), or one below it: site-packages, and an interpreter's standard library.
[[nodiscard]] bool is_importable_directory(std::string_view directory, const EnvironmentLayout& layout);

// The sources to compile for an environment of these packages, each once. Those of conflicts that lose count, too.
[[nodiscard]] std::vector<BytecodeSource> bytecode_sources(const std::vector<PlannedPackage>& packages,
                                                           const EnvironmentLayout& layout);

// Whether `bytecode` has some for this file of a package, at the place where it lies.
[[nodiscard]] bool has_bytecode(const PackageFile& file, const PlannedPackage& package, const EnvironmentLayout& layout,
                                const PlanBytecode& bytecode);

// The bytecode files that a package brings itself, and ours take the place of.
class ReplacedBytecode {
 public:
  ReplacedBytecode(const PlannedPackage& package, const EnvironmentLayout& layout, const PlanBytecode& bytecode);
  [[nodiscard]] bool contains(const PackageFile& file) const;

 private:
  std::unordered_set<std::string> paths_;  // in purelib or platlib
};

}  // namespace cas
