// A Python interpreter and the facts that planning needs. Where interpreters are looked for: linker/python.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "linker/plan.hpp"

namespace cas {

// What one run of the interpreter told (linker/interpreter_probe.hpp).
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
  // Of the base installation.
  std::string base_exec_prefix;     // sys.base_exec_prefix
  std::string stdlib;               // the directory of os.py
  std::string platstdlib;           // that of the platform's part; mostly the same
  std::string shared_library;       // libpython (libpypy) that the executable loaded; "": it is linked statically
  std::string installed_library;    // the one that the installation has for others, loaded or not; ""
  std::string bytecode_magic;       // importlib.util.MAGIC_NUMBER in hexadecimal: "cb0d0d0a"
  std::string cache_tag;            // "cpython-312"; "" before 3.2, and where bytecode is not cached
  bool externally_managed = false;  // PEP 668's marker lies in the standard library
  bool patched_schemes = false;     // Debian's: posix_local is the default where no environment is active
};

// Runs `path` (isolated mode, empty standard input, at most `limit` each time) and returns its facts. When `path` is inside
// a virtual environment, the facts are of the base installation: an environment's copy is never taken as a base; old
// Pythons that cannot tell about it are left for the one that their environment names. Throws Error naming what it
// printed, or that it took too long. Facts come for every version of Python; what cannot be used is said by
// unsupported_reason(). They are checked: the executable is there, and numbers and names can be those of files.
[[nodiscard]] InterpreterFacts inspect_interpreter(const std::string& path, std::chrono::seconds limit);

// Why no environment can be made of this interpreter, as a sentence's end ("has no virtual environments …"): versions before
// 3.3. nullopt: it can.
[[nodiscard]] std::optional<std::string> unsupported_reason(const InterpreterFacts& facts);

// Throws Error with that reason. For what makes environments; listing and finding name every interpreter.
void refuse_unsupported(const InterpreterFacts& facts);

// "CPython 3.12.1", "PyPy 3.10.14", "CPython 3.13.0 (free-threaded)".
[[nodiscard]] std::string python_label(const InterpreterFacts& facts);

// Facts as text for the memo table; nullopt for text of another version.
[[nodiscard]] std::string encode_facts(const InterpreterFacts& facts);
[[nodiscard]] std::optional<InterpreterFacts> decode_facts(std::string_view text);

}  // namespace cas
