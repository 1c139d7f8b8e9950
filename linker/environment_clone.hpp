// Another environment of the same packages.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "linker/environment.hpp"

namespace cas {

struct CloneOptions {
  bool with_changes = false;   // the user's files, too
  bool keep_prompt = false;    // the prompt that was given, too
  std::string id{};            // of the new anchor; "": random
  bool takes_history = false;  // it is the source itself, in another place
  unsigned threads = 0;        // 0: as many as CPUs
};

struct CloneResult {
  CreateResult created;
  std::string source;                       // absolute
  std::uint64_t added = 0, edited = 0;      // files of the source that are not, or no longer, as cas made them
  std::uint64_t missing = 0;                // that cas made, and somebody removed
  bool changes_cloned = false;              // added and edited ones are in the clone, and missing ones are not
  std::vector<std::string> other_packages;  // "name version" of what somebody else (pip) installed there
};

// Makes the environment `path` of what the one at `source` was made of, from the store alone: the same artifacts, interpreter, kind,
// and options; what was requested, and where packages came from, as there. With changes, the user's files are copied, and
// scripts among them start the clone's interpreter.
// Throws NotFound where `source` is no environment of this store, UsageError where something is at `path`.
[[nodiscard]] CloneResult clone_environment(const Store& store, const std::string& source, const std::string& path,
                                            const CloneOptions& options, Progress& progress);

}  // namespace cas
