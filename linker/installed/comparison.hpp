// How two sets of packages differ.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "linker/installed/installed_packages.hpp"
#include "store/base/digest.hpp"
#include "store/roots.hpp"

namespace cas {

struct ComparedPackage {
  std::string name;                    // as it is spelled there
  std::string normalized;              // PEP 503
  std::string version;                 // "" where a lock does not say
  std::optional<Sha256Digest> sha256;  // of the file it was installed from
  std::string origin;                  // a directory or a revision that it is from: as `pip freeze` spells it; ""
};

enum class PackageChange { added, removed, version, file, origin };

// "added", "removed", "version", "file", "origin": for reports.
[[nodiscard]] std::string_view change_word(PackageChange change);

struct PackageDifference {
  PackageChange change = PackageChange::added;
  std::optional<ComparedPackage> before, after;
};

// Each name once. `anchor`: of the environment, where it is one of cas: it knows the files of what cas put there and nobody replaced.
[[nodiscard]] std::vector<ComparedPackage> compared_packages(const InstalledEnvironment& environment,
                                                             const std::optional<Anchor>& anchor);

// The package of `anchor` that cas put there as this distribution; nullptr: it did not, or another tool has replaced it.
[[nodiscard]] const AnchoredPackage* anchored_as(const InstalledDistribution& distribution, const Anchor& anchor);

// The file that the distribution was installed from: an archive named by its URL or path, the source distribution that it was built
// from, else the wheel that cas made it of, as long as it is cas's.
[[nodiscard]] std::optional<Sha256Digest> artifact_of(const InstalledDistribution& distribution,
                                                      const std::optional<Anchor>& anchor);

// By normalized names. Versions are compared as such; files and origins where both sides know theirs.
[[nodiscard]] std::vector<PackageDifference> compare_packages(const std::vector<ComparedPackage>& before,
                                                              const std::vector<ComparedPackage>& after);

}  // namespace cas
