// What a package is made of, as sources describe it and manifests keep it.
//
// The schemes are those of the binary distribution format (PEP 427, now in the PyPA specifications) and
// of sysconfig: where a file goes is decided only when an environment is planned.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/base/digest.hpp"

namespace cas {

// The numbers are stored in manifests: never renumber.
enum class Scheme : std::uint8_t {
  purelib = 0,
  platlib = 1,
  scripts = 2,
  headers = 3,
  data = 4,
  interpreter = 5
};  // relative to the prefix of a captured Python

enum class FileKind : std::uint8_t {
  regular = 0,
  python_script = 1,  // in the scripts scheme, starts with "#!python": its first line is rewritten
  symlink = 2         // of an interpreter: the object's bytes are the target, relative and inside the tree
};

enum class EntryPointGroup : std::uint8_t { console = 0, gui = 1 };

// One line of [console_scripts] or [gui_scripts]: `name = module:attribute [extras]`.
struct EntryPoint {
  EntryPointGroup group = EntryPointGroup::console;
  std::string name;       // one safe path component
  std::string module;     // dotted identifiers
  std::string attribute;  // dotted identifiers
};

// What a package says about itself.
struct PackageMetadata {
  std::string name;                        // as METADATA spells it
  std::string normalized_name;             // PEP 503: lower case, runs of "-_." are one "-"
  std::string version;                     // as METADATA spells it
  std::string file_name;                   // of the artifact: "numpy-2.1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
  std::string dist_info;                   // directory name in site-packages: "numpy-2.1.0.dist-info"
  std::string python_tags;                 // compressed sets of the file name: "py2.py3", "cp312"
  std::string abi_tags;                    // "none", "cp312", "abi3"
  std::string platform_tags;               // "any", "manylinux_2_17_x86_64.manylinux2014_x86_64"
  std::string build_tag;                   // "" where the file name has none
  std::string requires_python;             // "" where METADATA says nothing
  std::vector<std::string> requires_dist;  // lines of METADATA, unparsed
  std::vector<EntryPoint> entry_points;    // console and gui scripts only
};

// What vouches for a wheel's members one by one, without the digest of the wheel: RECORD for the bytes of each, the central directory
// for what RECORD does not say: modes, sizes and places.
struct ListingDigests {
  Sha256Digest record;     // SHA-256 of RECORD
  Sha256Digest directory;  // SHA-256 of the ZIP file's end, from the central directory on

  bool operator==(const ListingDigests&) const = default;
};

// A captured interpreter rather than a Python package: the name cannot be a package's.
[[nodiscard]] inline bool is_interpreter(const PackageMetadata& metadata) {
  return metadata.normalized_name.starts_with('@');
}

// One file of a package.
struct PackageFile {
  Scheme scheme = Scheme::purelib;
  FileKind kind = FileKind::regular;
  std::string path;  // inside its scheme; a valid relative path (store/base/relpath.hpp)
  ObjectId object;
  std::uint64_t size = 0;
};

}  // namespace cas
