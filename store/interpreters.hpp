// Interpreters that the store owns: trees `python/<name>` that environments stand on.
//
// A tree is made of links to objects, like an environment, and published by one rename; its record, `.cas/interpreter` inside
// it, says what it is. Trees are roots of their own: other tools make environments on top of them that no anchor names,
// so the collector never takes one away (only `cas python remove` does), and keeps the package that each consists of. One that is gone
// although nobody removed it: store/lost_interpreters.hpp.
//
// <record> ::= "casP" u16(version = 1) 32 bytes artifact, <implementation> <version> <origin> <facts> u64 captured at
//              u32 rules, u32(n) (<path> u64 inode, u64 size, u64 mtime ns)*n
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/base/digest.hpp"
#include "store/store.hpp"

namespace cas {

inline constexpr const char* kInterpreterRecord = ".cas/interpreter";

// What a file or directory of the original looked like when it was captured.
struct WatchedPath {
  std::string path;
  std::uint64_t inode = 0, size = 0;
  std::uint64_t mtime_ns = 0;
  bool operator==(const WatchedPath&) const = default;
};

struct StoredInterpreter {
  std::string name;  // of its directory: "cpython-3.12.1-linux-x86_64-0123456789abcdef"
  Sha256Digest artifact;
  std::string implementation;     // "cpython"
  std::string version;            // "3.12.1"
  std::string origin;             // the executable that was captured
  std::string facts;              // of the tree's own executable, in the linker's encoding
  std::uint64_t captured_at = 0;  // seconds since the epoch
  std::uint32_t rules = 0;        // kPythonTreeRules of the program that captured it
  std::vector<WatchedPath> watched;
};

// Of its directory: from the file name of its package, and the package.
[[nodiscard]] std::string interpreter_name(const std::string& file_name, const Sha256Digest& artifact);

[[nodiscard]] std::string encode_interpreter(const StoredInterpreter& interpreter);
// `name` is not part of the text. Throws Corruption.
[[nodiscard]] StoredInterpreter decode_interpreter(const std::string& name, std::string_view bytes);

// In the order of their names. Directories without a readable record are left out, and named in `unreadable`.
[[nodiscard]] std::vector<StoredInterpreter> list_interpreters(const Store& store,
                                                               std::vector<std::string>* unreadable = nullptr);

// A file of its package that does not lie in the tree as it was placed there.
struct TreeProblem {
  std::string path;  // relative to the tree
  bool missing = false;
};
// By size, time and kind. Throws Corruption where its package is not in the index, or its manifest is damaged.
[[nodiscard]] std::vector<TreeProblem> tree_problems(const Store& store, const StoredInterpreter& interpreter);

// nullopt: it does not exist.
[[nodiscard]] std::optional<WatchedPath> watch(const std::string& path);

enum class OriginState {
  same,     // what was captured, as far as its watched paths tell
  changed,  // something else lies there now
  gone,     // or it never was a place that could change: an archive
  unknown   // this user may not look
};
[[nodiscard]] OriginState origin_state(const StoredInterpreter& interpreter);
// OriginState::changed: an update of the original is waiting to be captured.
[[nodiscard]] bool is_outdated(const StoredInterpreter& interpreter);

}  // namespace cas
