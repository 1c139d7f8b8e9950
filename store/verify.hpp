// Checking that the store is what its index says.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/base/digest.hpp"
#include "store/base/progress.hpp"
#include "store/store.hpp"
#include "store/verify_share.hpp"

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
  std::string what;                         // "objects/00000003/ab12…: its mode is 0644, should be 0444"
  std::vector<std::string> packages;        // "name version" of those that have the object
  std::string remedy{};                     // what mends it: "`cas add demo-1.0-py3-none-any.whl`"
  std::optional<ObjectId> object{};         // where it is one that the index has
  std::optional<Sha256Digest> artifact{};   // ProblemKind::manifest and ::package: whose
  std::string interpreter{};                // ProblemKind::interpreter: its name; "" where its record cannot be read
  std::vector<std::string> environments{};  // made of the object, or that stand on the interpreter
};

struct VerifyOptions {
  VerifyDepth depth = VerifyDepth::metadata;
  VerifyShare share{};  // of the objects; packages and interpreters are looked at in any case
  // After so long no further object is begun. Then segments come in random order, so that runs that are cut short do not all look at the
  // same. Unset: until all is done.
  std::optional<std::chrono::nanoseconds> max_duration{};
  unsigned threads = 0;  // 0: as many as CPUs
};

struct VerifyResult {
  std::uint64_t objects = 0, bytes = 0;          // what was looked at
  std::uint64_t all_objects = 0, all_bytes = 0;  // what the index has
  std::uint64_t packages = 0;
  std::uint64_t orphans = 0;  // files that the index does not name: harmless, `cas gc` removes them
  bool in_time = true;        // false: max_duration was over before all of the share was looked at
  std::vector<Problem> problems;
};

// The bit that a kind of problem adds to the exit status of `cas verify`: 4 object_metadata, 8 object_missing and
// object_content, 16 manifest, package and index, 32 interpreter.
[[nodiscard]] int exit_bit(ProblemKind kind);
[[nodiscard]] std::string_view problem_kind_name(ProblemKind kind);

// Captured interpreters are looked at by one stat per file, whatever the depth: their bytes are objects.
// Beside running creators, adders and collectors: an object that is collected meanwhile is no problem.
[[nodiscard]] VerifyResult verify_store(const Store& store, const VerifyOptions& options, Progress& progress);
// Objects alone, by one look each: for what has another purpose and a moment to spare.
[[nodiscard]] VerifyResult glance_at_objects(const Store& store, std::chrono::nanoseconds max_duration);

}  // namespace cas
