// Which Python a lock is for.
#pragma once

#include <string>

#include "linker/interpreter.hpp"
#include "store/source/version.hpp"

namespace cas {

struct LockPython {
  SpecifierSet versions;  // that it is for; empty: any
  std::string made_for;   // as -p takes it: "3.12", "pypy3.10"; "": it does not tell
};

// Of the lock at `path`: its requires-python and what [tool.cas] notes; of another tool's lock what the project beside it says. Where
// that cannot be read nothing is told, and whoever reads the lock itself says so.
[[nodiscard]] LockPython python_of_lock(const std::string& path);

// Whether these versions are for the interpreter; one of a build between versions ("3.11.2+") counts as that version.
[[nodiscard]] bool is_for_python(const SpecifierSet& versions, const InterpreterFacts& facts);

// What a lock notes of the interpreter that it was made for (Pylock::made_for): without the patch, which changes neither tags nor markers that count.
[[nodiscard]] std::string python_note(const InterpreterFacts& facts);

// requires-python of a lock for what the resolver says (">=3.11.7", "") and what a project is for: ">=3.11,<3.13". Patches change neither tags
// nor what packages require, so the resolver's does not count; of the project's clauses one that is less than that adds nothing.
[[nodiscard]] std::string joined_requires_python(const std::string& resolved, const SpecifierSet& projects);

}  // namespace cas
