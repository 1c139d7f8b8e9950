// What the value of -p/--python asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "linker/interpreter.hpp"
#include "store/source/version.hpp"

namespace cas {

struct PythonRequest {
  enum class Kind {
    any,      // nothing was said, or "python"
    version,  // an implementation, a version, or both
    path,     // a '/' is in it: an executable, an environment's directory or an installation's
    name      // of an executable in PATH
  };

  Kind kind = Kind::any;
  std::string text;  // as given, "" where nothing was: for messages; the path or the name itself
  // Kind::version.
  std::string implementation;     // as sys.implementation.name has it; "": any
  SpecifierSet versions;          // "3.12" is ==3.12.*; the empty set: any
  bool names_prerelease = false;  // "3.14.0rc1", ">=3.14.0a1"
  // The first two numbers, where the request has exactly one of each: the executable's likely name. "3.12", "3", "".
  std::string short_version;
  std::optional<bool> free_threaded;
  std::optional<bool> debug;
  std::optional<std::uint32_t> pointer_bits;
  // Of a key like uv's: as sysconfig.get_platform() and InterpreterFacts::libc have them; "": any.
  std::string platform;
  std::string libc;
  // Of what fits, rather one that fits one of these; none: each is as good.
  std::vector<PythonRequest> preferred{};
};

// How well an interpreter fits a request. Of all candidates the first with the smallest number is taken.
//
// Any number but 0 is a second choice, used where nothing better is found: a pre-release, a free-threaded or a debug
// build that was not asked for, a version that environments cannot be made of, one that is not preferred.
using Misgivings = unsigned;

// Accepts, in any case of letters:
//
//   3  3.12  3.12.1  3.12.1rc1  312         a version, or the first numbers of one (PEP 440)
//   >=3.10,<3.13  ~=3.10  ==3.12.*          specifiers (PEP 440)
//   python3.12  cpython3.12  cpython@3.12  pypy-3.10  cp312  pypy  graalpy>=3.11   the same of an implementation
//   3.13t  3.13+freethreaded  3.13d  3.13+debug  3.13+gil                          a kind of build
//   3.12-64  python3.12-32                                                         of so many bits
//   cpython-3.12.1-linux-x86_64-gnu  cpython-3.13+freethreaded-linux-aarch64-musl    uv's keys
//   with a '/'                                                                     a path
//
// and takes anything else for a name in PATH. Throws UsageError for what starts like a version and is none, saying why.
[[nodiscard]] PythonRequest parse_python_request(const std::optional<std::string>& text);

// nullopt: it does not fit. Kind::path and Kind::name fit whatever is found there.
[[nodiscard]] std::optional<Misgivings> judge_python(const PythonRequest& request, const InterpreterFacts& facts);

// False where a file or directory of this name ("python3.9", "pypy3.10-7.3.15", "cpython-3.12.1-linux-x86_64-gnu",
// "3.9.18") certainly holds nothing that fits, so that it need not be run. True for names that tell nothing.
[[nodiscard]] bool name_may_fit(const PythonRequest& request, std::string_view name);

// What such a name says; nullopt: nothing that can be relied on.
struct PythonName {
  std::string implementation;  // "" where it is only "python", or only a version
  Version version;             // of its numbers
  bool complete = false;       // all three numbers were there
};
[[nodiscard]] std::optional<PythonName> parse_python_name(std::string_view name);

}  // namespace cas
