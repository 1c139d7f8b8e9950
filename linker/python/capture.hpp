// Interpreters that the store owns: captured once from an installation, then the base of any number of environments.
#pragma once

#include <optional>
#include <string>

#include "linker/interpreter.hpp"
#include "store/base/progress.hpp"
#include "store/interpreters.hpp"
#include "store/lost_interpreters.hpp"
#include "store/store.hpp"

namespace cas {

struct CaptureOptions {
  bool with_tests = false;
  unsigned threads = 0;  // 0: as many as CPUs
};

struct CaptureResult {
  StoredInterpreter interpreter;
  bool already = false;                        // the store had exactly this tree
  std::uint64_t files = 0, bytes = 0;          // of the interpreter, without bytecode
  std::uint64_t new_files = 0, new_bytes = 0;  // of that, what the store did not have
};

// Captures the installation whose facts these are: reads its parts, puts them into the store, makes the tree
// `python/<name>`, and lets it prove that it runs. Published by one rename.
// `archive`: the archive that it was unpacked from for the moment; then that is its origin.
// Throws NotCapturable where the installation cannot be made independent of its place: with what stands in the way, and the
// hint to use it where it is.
[[nodiscard]] CaptureResult capture_interpreter(const Store& store, const InterpreterFacts& facts,
                                                const CaptureOptions& options, Progress& progress,
                                                const std::string& archive = {});

// Makes the tree of an interpreter again from its package: its own copy tells what it is, as far as the lost record did not say more.
// Throws Corruption where the package, or an object of it, is damaged.
StoredInterpreter restore_captured(const Store& store, const LostInterpreter& lost, Progress& progress);

// The facts of a captured interpreter's own executable; nullopt where they were recorded by another version of cas.
[[nodiscard]] std::optional<InterpreterFacts> facts_of(const StoredInterpreter& interpreter);

// The captured interpreter that is what lies at `executable` now: neither outdated nor another one.
[[nodiscard]] std::optional<StoredInterpreter> find_captured(const Store& store, const std::string& executable);

// The captured interpreter whose tree `executable` lies in.
[[nodiscard]] std::optional<StoredInterpreter> captured_at_path(const Store& store, const std::string& executable);

// The executables of all captured interpreters, the store's and then those of its base stores, which lie there: where the search for
// one may look when the originals are gone.
[[nodiscard]] std::vector<std::string> captured_executables(const Store& store);

// The captured interpreter for the facts of an installation, or of a captured tree itself, also of a base store's. Where the store has
// none, or only an outdated one, a base store's is taken over, tree and all; else it is captured first.
struct OwnedInterpreter {
  StoredInterpreter interpreter;
  InterpreterFacts facts;  // of its tree's executable
  bool captured_now = false;
};
[[nodiscard]] OwnedInterpreter owned_interpreter(const Store& store, const InterpreterFacts& facts,
                                                 const CaptureOptions& options, Progress& progress);

}  // namespace cas
