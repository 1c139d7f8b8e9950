// A Python interpreter found on the machine, and the facts that planning needs.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "linker/plan.hpp"

namespace cas {

// What one run of the interpreter told (`python -I -c …`).
struct InterpreterFacts {
  std::string executable;      // absolute path of the base installation's binary, to be linked from bin/python
  std::string base_prefix;     // sys.base_prefix
  std::string implementation;  // "cpython", "pypy"
  std::string version;         // "3.12.1", "3.14.0rc1"
  std::uint32_t major = 0, minor = 0, micro = 0;
  std::string soabi;     // "cpython-312-x86_64-linux-gnu"
  std::string platform;  // "linux-x86_64" (sysconfig.get_platform)
  std::string libc;      // "glibc" or "musl"; "" unknown
  std::uint32_t libc_major = 0, libc_minor = 0;
  bool free_threaded = false;
  bool debug = false;
  std::uint32_t pointer_bits = 64;
  std::string library_name;  // "python3.12", "python3.13t", "pypy3.10": the folder below lib/
  std::string binary_name;   // "python3.12", "pypy3.10": its versioned name in bin/
  EnvironmentLayout layout;
  std::string cache_tag;       // "cpython-312": part of the names of bytecode files; "" where it writes none
  std::string bytecode_magic;  // hexadecimal, of its bytecode: "cb0d0d0a"
};

// Finds the interpreter that the user means: nullopt -> `python3`, then `python`, in PATH; a value with a '/' is a path;
// a value like "3.12" or "3" is `python3.12` or `python3` in PATH; anything else is a name in PATH. Returns the absolute path
// of an executable file (not resolved: pyenv's shims must be run by their own name).
// Throws NotFound, saying where it was looked for.
[[nodiscard]] std::string find_interpreter(const std::optional<std::string>& wanted);

// Runs `path` once (isolated mode, empty standard input, a time limit) and returns its facts. When `path` is inside
// a virtual environment, the facts are of the base installation (sys._base_executable): an environment's copy is
// never taken as a base. Throws Error naming what it printed, or that it took too long; refuses versions
// before 3.3 (no virtual environments without `pyvenv.cfg`), with the reason.
[[nodiscard]] InterpreterFacts inspect_interpreter(const std::string& path, std::chrono::seconds limit);

// Facts as text for the memo table; nullopt for text of another version.
[[nodiscard]] std::string encode_facts(const InterpreterFacts& facts);
[[nodiscard]] std::optional<InterpreterFacts> decode_facts(std::string_view text);

}  // namespace cas
