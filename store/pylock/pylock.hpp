// Lock files: pylock.toml (PEP 751, now "pylock.toml Specification" of the PyPA).
//
// This is the file as it is written: markers and specifiers stay text, nothing is chosen. What of it an interpreter gets is
// decided by linker/locked_selection.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/base/digest.hpp"
#include "store/base/package_model.hpp"

namespace cas {

// A wheel, a source distribution or another archive. One of `url` and `path` at least.
struct LockedFile {
  std::string name;                   // of the file; for an archive "" where neither url nor path ends in one
  std::string url;                    // "" none
  std::string path;                   // relative to the lock file, or absolute; "" none
  std::optional<std::uint64_t> size;  // bytes
  std::string upload_time;            // RFC 3339; "" none
  std::map<std::string, std::string, std::less<>> hashes;  // algorithm, lower case -> hexadecimal digits, lower case
  std::string subdirectory;                                // of an archive, where the project lies in it; "" its root
  // Algorithms and digits of which the file must have at least one, where its hashes do not tell which. Not in the lock file.
  std::vector<std::pair<std::string, std::string>> one_of{};

  [[nodiscard]] std::optional<Sha256Digest> sha256() const;
};

struct LockedVcs {
  std::string type;       // "git"
  std::string url, path;  // one of them
  std::string requested_revision;
  std::string commit_id;
  std::string subdirectory;
};

struct LockedDirectory {
  std::string path;
  bool editable = false;
  std::string subdirectory;
};

// What `cas` writes into [packages.tool.cas] of a wheel, by its file name: digests by which its members can be verified one by one
// (ListingDigests). Hints only: what is installed is the same without them, as the specification asks.
//
//     [packages.tool.cas]
//     record-sha256 = {"NAME.whl" = "64 hexadecimal digits"}        RECORD
//     directory-sha256 = {"NAME.whl" = "64 hexadecimal digits"}     the ZIP file's end, from the central directory on
using LockedListings = std::map<std::string, ListingDigests, std::less<>>;

// One of [[packages]]. Either it has wheels, a source distribution or both, or one of the other three.
struct LockedPackage {
  std::string name;     // normalized (PEP 503)
  std::string version;  // "" where it is read from the sources
  std::string marker;   // "" always
  std::string requires_python;
  std::string index;                      // of the simple API, where it was found; "" none
  std::vector<std::string> dependencies;  // normalized names
  std::vector<LockedFile> wheels;
  std::optional<LockedFile> sdist;
  std::optional<LockedFile> archive;
  std::optional<LockedVcs> vcs;
  std::optional<LockedDirectory> directory;
  LockedListings listings;  // of some of the wheels
};

struct Pylock {
  std::string lock_version = "1.0";
  std::string created_by;
  std::string requires_python;
  std::vector<std::string> environments;  // markers: the lock is for an environment that fits one; none: for all
  std::vector<std::string> extras;
  std::vector<std::string> dependency_groups;
  std::vector<std::string> default_groups;
  std::vector<LockedPackage> packages;
  // Normalized names of what was asked for itself, as `cas` writes it into [tool.cas]; nullopt: the lock does not tell.
  //
  //     [tool.cas]
  //     requested = ["NAME"]
  std::optional<std::set<std::string>> requested;
  // The Python that it was made for, likewise: "3.12", "3.13t", "pypy3.10" (linker/locked/lock_python.hpp); "": the lock does not tell.
  //
  //     [tool.cas]
  //     python = "3.12"
  std::string made_for{};
};

// "pylock.toml" or "pylock.NAME.toml", NAME without dots.
[[nodiscard]] bool is_pylock_name(std::string_view file_name);

// `place`: for messages, "path/pylock.toml". Throws InvalidInput naming the line and the key where the text is not TOML, or not a
// lock file of version 1; keys that the specification does not know are passed over, as it asks.
[[nodiscard]] Pylock parse_pylock(std::string_view text, std::string_view place);

// Equal locks are equal text: keys in the specification's order.
[[nodiscard]] std::string pylock_text(const Pylock& lock);

}  // namespace cas
