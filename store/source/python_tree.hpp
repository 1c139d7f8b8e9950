// An installed CPython as a source: the files of which a copy that no longer needs the original consists.
//
// Taken: the binary, its shared library, standard library, extension modules, headers, pkg-config files and the
// configuration script. Left out: site-packages, bytecode, static libraries, test suites (unless asked for), and links
// that lead out of the tree. What names the old place is rewritten so that it follows the new one, wherever that is:
// run paths become $ORIGIN (only possible in place: the new text must not be longer), sysconfig's data computes from
// sys.base_prefix, pkg-config files from ${pcfiledir}, the Makefile and the configuration script from their own place.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/base/error.hpp"
#include "store/source/source.hpp"

namespace cas {

// Grows whenever the same installation gives another tree: older captures are made anew for new environments.
inline constexpr std::uint32_t kPythonTreeRules = 2;

// An installation that works where it is and nowhere else.
class NotCapturable : public Error {
 public:
  using Error::Error;
};

// Paths are absolute, or relative to `prefix` where said. Symbolic links in them may be there.
struct PythonInstallation {
  std::string implementation;    // "cpython"
  std::string version;           // "3.12.1"
  std::string platform;          // "linux-x86_64"
  std::string prefix;            // sys.base_prefix
  std::string executable;        // the binary
  std::string binary_name;       // "python3.12": its name in bin/
  std::string standard_library;  // relative: "lib/python3.12"
  std::string headers;           // absolute; "" or missing: none
  std::string platform_headers;  // absolute, where pyconfig.h lies; may equal `headers`
  std::string shared_library;    // absolute; "" for a static build
  bool patched_site = false;     // Debian's: its `site` looks for packages in dist-packages
  bool with_tests = false;
};

// Entries are of Scheme::interpreter, their paths relative to the new prefix. Reads every file once, for its checksum.
// Throws NotCapturable where the installation cannot be made independent of its place, SystemError.
[[nodiscard]] std::unique_ptr<Source> open_python_tree(PythonInstallation installation);

}  // namespace cas
