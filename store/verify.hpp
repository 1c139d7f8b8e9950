// Checking that the store is what its index says.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/base/progress.hpp"
#include "store/store.hpp"

namespace cas {

enum class VerifyDepth {
  metadata,  // one stat per object: present, size, mode, modification time, owner
  scrub,     // and XXH3-128 of every byte: finds decay at disk speed
  contents   // and SHA-256 of every byte: finds what an adversary did, too
};

enum class ProblemKind {
  object_missing,   // a row without its file
  object_metadata,  // mode, modification time or owner is not canonical: somebody changed it in place
  object_content,   // size or bytes are wrong
  manifest,         // missing or damaged
  package,          // a manifest names an object that the index does not have
  index,            // a table contradicts another
  interpreter       // a captured interpreter's record or tree is damaged
};

struct Problem {
  ProblemKind kind;
  std::string what;                   // "objects/00000003/ab12…: its mode is 0644, should be 0444"
  std::vector<std::string> packages;  // "name version" of those that have the object
  std::string remedy{};               // what mends it: "`cas add demo-1.0-py3-none-any.whl`"
};

struct VerifyResult {
  std::uint64_t objects = 0, bytes = 0, packages = 0;
  std::uint64_t orphans = 0;  // files that the index does not name: harmless, `cas gc` removes them
  std::vector<Problem> problems;
};

// The bit that a kind of problem adds to the exit status of `cas verify`: 4 object_metadata, 8 object_missing and
// object_content, 16 manifest, package and index, 32 interpreter.
[[nodiscard]] int exit_bit(ProblemKind kind);
[[nodiscard]] std::string_view problem_kind_name(ProblemKind kind);

// Captured interpreters are looked at by one stat per file, whatever the depth: their bytes are objects.
// Beside running creators, adders and collectors: an object that is collected meanwhile is no problem.
[[nodiscard]] VerifyResult verify_store(const Store& store, VerifyDepth depth, unsigned threads, Progress& progress);

}  // namespace cas
