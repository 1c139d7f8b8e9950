// One installed distribution, as its folder in site-packages describes it ("Recording installed projects" of the PyPA specifications).
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace cas {

// Where a distribution came from that was not chosen by name from an index (direct_url.json, PEP 610).
struct DirectUrl {
  enum class Kind { archive, version_control, directory };
  Kind kind = Kind::archive;
  std::string url;                 // like all texts here without blanks and control characters
  std::string subdirectory;        // "": the root
  std::string hash;                // of an archive, the older field: "sha256=…"; "" none
  std::string sha256;              // of an archive, from either field: hexadecimal digits, lower case; "" unknown
  std::string vcs;                 // "git"
  std::string requested_revision;  // "" none
  std::string commit_id;           // of version control
  bool editable = false;           // of a directory
  bool operator==(const DirectUrl&) const = default;
};

struct InstalledDistribution {
  std::string name;                        // as METADATA spells it
  std::string normalized;                  // PEP 503
  std::string version;                     // as METADATA spells it; not empty, not necessarily a valid one
  std::string requires_python;             // "" where METADATA says nothing
  std::vector<std::string> requires_dist;  // lines of METADATA, unparsed; of an .egg-info only those of PKG-INFO
  std::vector<std::string> extras;         // that METADATA says it has, unchecked
  bool requested = false;                  // REQUESTED is there: asked for by the user himself
  std::string installer;                   // "pip", "cas"; "" unknown
  std::optional<DirectUrl> direct_url;
  std::string info_path;  // relative to the environment: "lib/python3.12/site-packages/demo-1.0.dist-info"
};

// "1.0.0" where the version is a valid one, normalised; else as it is spelled, printable.
[[nodiscard]] std::string shown_version(const InstalledDistribution& distribution);

// Whether it is the version that `version` names, in whatever spelling.
[[nodiscard]] bool has_version(const InstalledDistribution& distribution, const std::string& version);

}  // namespace cas
