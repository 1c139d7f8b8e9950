// What commands that change an environment package by package have in common: what it holds, and carrying out a change.
// For linker/packages only.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "linker/environment.hpp"
#include "linker/environment_keep.hpp"
#include "linker/environment_reproduction.hpp"
#include "linker/installed/installed_packages.hpp"
#include "linker/packages/packages_result.hpp"
#include "store/base/progress.hpp"
#include "store/store.hpp"

namespace cas {

// An environment as it is before the change.
struct ChangedEnvironment {
  std::string target;              // absolute
  Anchor anchor;                   // as it was made
  Reproduction made_of;            // how it is made again
  KeptEnvironment kept;            // cas's packages, but for those that another tool has taken over
  InstalledEnvironment installed;  // what lies there, whoever put it there
};

// Finishes an interrupted change first, and waits for one that is going on, but for a dry run. Throws NotFound naming `cas create` where nothing is at `path`,
// UsageError where another tool's environment is, what find_root() and reproduce() throw.
[[nodiscard]] ChangedEnvironment look_at_changed(const Store& store, const std::string& path, bool dry_run);

// Packages to put in place of those of the same names (normalized), and names to take away.
struct PackageChange {
  std::vector<PlannedPackage> put;
  std::set<std::string> take;
  std::set<std::string> remade;  // of those to put: made anew, though they are the same; normalized
  bool dry_run = false;
};

// What the environment has afterwards: names (normalized) and versions, whoever put them there.
[[nodiscard]] std::map<std::string, std::string> packages_after(const ChangedEnvironment& environment,
                                                                const PackageChange& change);
// The steps from what is installed to `after`, by name.
[[nodiscard]] std::vector<PackageStep> steps_to(const ChangedEnvironment& environment,
                                                const std::map<std::string, std::string>& after);

// Sentences about packages that stay, and of which a requirement no longer holds because of `steps`.
[[nodiscard]] std::vector<std::string> broken_by(const Store& store, const ChangedEnvironment& environment,
                                                 const PackageChange& change, const std::vector<PackageStep>& steps);

// The files of packages that other tools put there, and that go by `change`: as their RECORDs say, inside the environment, of nobody
// else. Throws Error naming the environment's own pip where a package has no RECORD that could be followed.
[[nodiscard]] std::set<std::string, std::less<>> others_files_to_go(const ChangedEnvironment& environment,
                                                                    const PackageChange& change);

// Carries the change out. nullopt: a package of it has been collected meanwhile, and must be added again. Throws ChangedMeanwhile
// where `environment` is no longer what is there.
[[nodiscard]] std::optional<CreateResult> carry_out(const Store& store, ChangedEnvironment& environment,
                                                    const PackageChange& change, Progress& progress);

}  // namespace cas
