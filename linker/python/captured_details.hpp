// What is to be told of captured interpreters: parts, sharing, needs, users; and their end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/interpreters.hpp"
#include "store/store.hpp"

namespace cas {

struct SharedWith {
  std::string name;  // of another captured interpreter
  std::uint64_t files = 0, bytes = 0;
};

// A library that is not part of the interpreter.
struct SystemLibrary {
  std::string name;                    // "libssl.so.3"
  std::vector<std::string> needed_by;  // files of the tree, relative
};

struct CapturedDetails {
  std::uint64_t files = 0, bytes = 0;            // without bytecode
  std::uint64_t tree_files = 0, tree_bytes = 0;  // as it lies there, with bytecode
  std::vector<SharedWith> shared;
  std::vector<SystemLibrary> libraries;   // by name
  std::vector<std::string> environments;  // that stand on it
};

// By name, or as a value of --python; several where several fit. Throws NotFound, saying what there is.
[[nodiscard]] std::vector<StoredInterpreter> captured_by_name(const Store& store, const std::string& wanted);

// The tree of that name whose record is gone or damaged: nothing else is known of it. nullopt: there is none.
[[nodiscard]] std::optional<StoredInterpreter> damaged_by_name(const Store& store, const std::string& name);

// Paths of the environments alive that stand on it, as far as cas knows: other tools' environments are nowhere named.
[[nodiscard]] std::vector<std::string> environments_over(const Store& store, const StoredInterpreter& interpreter);

[[nodiscard]] CapturedDetails captured_details(const Store& store, const StoredInterpreter& interpreter);

// Takes the tree away: gone at once by a rename, then removed. Its objects are the next collection's.
void remove_captured(const Store& store, const StoredInterpreter& interpreter);

}  // namespace cas
