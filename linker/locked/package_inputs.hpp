// What the user said of packages: requirements and lock files, and where to look.
#pragma once

#include <string>
#include <vector>

#include "linker/locked/lock_python.hpp"
#include "linker/locked/locked_supply.hpp"
#include "linker/locked/package_network.hpp"
#include "linker/locked/resolution.hpp"
#include "store/requirement/project_file.hpp"
#include "store/requirement/requirement_file.hpp"
#include "store/source/version.hpp"

namespace cas {

// Versions of Python that a project is for.
struct PythonDemand {
  std::string place;      // the project's file, for messages
  SpecifierSet versions;  // empty: any
};

// What happens where a lock has not what its project asks for.
enum class Freshness {
  unasked,  // nobody looks
  told,     // a warning
  required  // an error
};

struct PackageInputs {
  RequirementFiles requirements;
  std::vector<std::string> locks;  // paths of pylock.toml files, and of other tools' (exported_lock.hpp)
  LockWishes wishes;               // of each lock
  bool all_extras = false;         // of each lock
  GroupRules group_rules{};        // of each lock, beside the groups of its wishes
  // Whether locks are held against the project that they lie beside (lock_freshness.hpp).
  Freshness freshness = Freshness::unasked;
  std::vector<PythonDemand> pythons;       // one of each project
  std::vector<LockPython> lock_pythons{};  // of each lock: it says itself where one does not fit
  std::string python;                      // of the settings: what -p would say where nothing else does; "": nothing
  NetworkOptions network;
  ResolveOptions resolve;

  [[nodiscard]] bool empty() const { return locks.empty() && requirements.requirements.empty() && pythons.empty(); }
  // As -p takes it: `python`, else what all the projects and locks want; "": nobody wants anything.
  [[nodiscard]] std::string python_versions() const;
  // Likewise: of these rather one that a lock was made for. None: each is as good.
  [[nodiscard]] std::vector<std::string> preferred_pythons() const;
  // What the projects want, together.
  [[nodiscard]] SpecifierSet project_pythons() const;
};

// Throws InvalidInput where a project is not for this Python.
void refuse_python(const PackageInputs& inputs, const InterpreterFacts& facts);

// Reads the locks, and resolves the requirements, when the interpreter is known. Both arguments outlive the result.
[[nodiscard]] LockedSupply::Locks find_locks(const PackageInputs& inputs, PackageNetwork& network);

// A lock file as it lies there. Throws InvalidInput, SystemError.
[[nodiscard]] LockSource read_lock(const std::string& path, const LockWishes& wishes);
// With the extras and groups that the inputs choose of it. Throws UsageError for a group alone (GroupRules::only) where the lock
// cannot tell it: where its default-groups have none for the project's own dependencies.
[[nodiscard]] LockSource read_chosen_lock(const std::string& path, const PackageInputs& inputs);

}  // namespace cas
