#include "linker/plan_bytecode.hpp"

#include <algorithm>

#include "linker/plan_paths.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

constexpr std::string_view kSourceEnding = ".py";
constexpr std::string_view kBytecodeEnding = ".pyc";

bool is_library(Scheme scheme) { return scheme == Scheme::purelib || scheme == Scheme::platlib; }

// A source that lies where it can be imported.
bool is_source(const PackageFile& file, const PlannedPackage& package, const EnvironmentLayout& layout) {
  if (!is_source_name(name_of(file.path)) || file.size > kMostSourceBytes) return false;
  if (is_library(file.scheme)) return true;
  if (file.kind == FileKind::symlink || (file.scheme != Scheme::data && file.scheme != Scheme::interpreter))
    return false;
  return is_importable_directory(parent_of(environment_path(file, package.metadata, layout)), layout);
}

bool is_own_bytecode(const PackageFile& file) { return is_library(file.scheme) && is_bytecode_path(file.path); }

}  // namespace

std::string interpreter_bytecode(const InterpreterFacts& facts) {
  const std::uint32_t header = facts.major > 3 || facts.minor >= 7 ? 16 : 12;
  std::string identity = bytecode_identity({facts.implementation, facts.cache_tag, facts.bytecode_magic, header});
  return parse_bytecode_identity(identity) ? identity : std::string();
}

std::string bytecode_name(std::string_view source_name, std::string_view cache_tag) {
  source_name.remove_suffix(std::min(source_name.size(), kSourceEnding.size()));
  std::string name(source_name);
  name += '.';
  name += cache_tag;
  name += kBytecodeEnding;
  return name;
}

std::string bytecode_path(std::string_view source_path, std::string_view cache_tag) {
  return join_path(join_path(parent_of(source_path), kBytecodeDirectory),
                   bytecode_name(name_of(source_path), cache_tag));
}

bool is_bytecode_path(std::string_view path) {
  return path.ends_with(kBytecodeEnding) && name_of(parent_of(path)) == kBytecodeDirectory;
}

bool is_source_name(std::string_view name) {
  return name.size() > kSourceEnding.size() && name.ends_with(kSourceEnding);
}

bool is_importable_directory(std::string_view directory, const EnvironmentLayout& layout) {
  const std::string_view top = parent_of(layout.site_packages);
  return directory.starts_with(top) && (directory.size() == top.size() || directory[top.size()] == '/');
}

std::vector<BytecodeSource> bytecode_sources(const std::vector<PlannedPackage>& packages,
                                             const EnvironmentLayout& layout) {
  std::vector<BytecodeSource> sources;
  std::unordered_set<Sha256Digest> seen;
  for (const PlannedPackage& package : packages) {
    for (const PackageFile& file : package.files) {
      if (!is_source(file, package, layout) || !seen.insert(file.object.digest).second) continue;
      sources.push_back({file.object, file.size});
    }
  }
  return sources;
}

bool has_bytecode(const PackageFile& file, const PlannedPackage& package, const EnvironmentLayout& layout,
                  const PlanBytecode& bytecode) {
  if (bytecode.cache_tag.empty() || !is_source(file, package, layout)) return false;
  const std::size_t name =
      name_of(file.path).size() - kSourceEnding.size() + 1 + bytecode.cache_tag.size() + kBytecodeEnding.size();
  return name <= kMaxComponentBytes && bytecode.files.contains(file.object.digest);
}

ReplacedBytecode::ReplacedBytecode(const PlannedPackage& package, const EnvironmentLayout& layout,
                                   const PlanBytecode& bytecode) {
  // Hardly any package brings bytecode.
  if (bytecode.cache_tag.empty() || std::ranges::none_of(package.files, is_own_bytecode)) return;
  for (const PackageFile& file : package.files) {
    if (is_library(file.scheme) && has_bytecode(file, package, layout, bytecode)) {
      paths_.insert(bytecode_path(file.path, bytecode.cache_tag));
    }
  }
}

bool ReplacedBytecode::contains(const PackageFile& file) const {
  return !paths_.empty() && is_own_bytecode(file) && paths_.contains(file.path);
}

}  // namespace cas
