// One run of the resolver: requirements in, a lock out. uv writes pylock.toml; for pip see pip_run.hpp.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "linker/installed/distribution.hpp"
#include "linker/interpreter.hpp"
#include "linker/locked/package_network.hpp"
#include "linker/locked/resolver_program.hpp"
#include "store/base/error.hpp"
#include "store/base/progress.hpp"
#include "store/pylock/pylock.hpp"
#include "store/store.hpp"

namespace cas {

struct ResolverQuestion {
  std::vector<std::string> requirements;  // a line each
  std::vector<std::string> addresses;     // that are in them
  std::vector<std::string> constraints;
  std::vector<std::string> build_constraints;
  std::vector<std::string> options;  // of `uv pip compile`
  std::string python;                // that builds what has to be built to find an answer; "": the interpreter's own
  // Names and versions that it takes where they satisfy the rest.
  std::vector<std::pair<std::string, std::string>> preferences{};
  // Of the whole run, where it may build: for how long one build takes nobody could tell it.
  std::optional<std::chrono::seconds> limit{};
  // What is installed, may stay, and is in no index, perhaps. The answer has none of these that stay.
  std::vector<InstalledDistribution> installed{};
  // Normalized names of packages that may be built although --only-binary :all: is among the options.
  std::vector<std::string> buildable{};
};

// It ended, and says that there is none.
class NoAnswer : public Error {
 public:
  using Error::Error;
};

// Index addresses go through its environment, not its command line, which other users can read; its own configuration files do not
// count, nor do its variables. Paths in the result are absolute. Its warnings are told to `progress`. Throws NoAnswer with what it said,
// Error where it could not be asked.
[[nodiscard]] Pylock run_resolver(const Store& store, const ResolverProgram& program, const ResolverQuestion& question,
                                  const InterpreterFacts& facts, PackageNetwork& network, Progress& progress);

// Relative paths in the lock are meant from `directory`.
void make_paths_absolute(Pylock& lock, const std::string& directory);

}  // namespace cas
