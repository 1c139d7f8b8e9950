// Putting packages into an environment that is there.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "linker/environment.hpp"
#include "linker/locked/package_inputs.hpp"
#include "linker/packages/packages_result.hpp"
#include "store/ingest.hpp"
#include "store/store.hpp"

namespace cas {

struct InstallOptions {
  PackageInputs inputs;                    // requirements, constraints and locks
  std::vector<WheelRequest> wheels;        // files, installed as they are
  bool upgrade = false;                    // nothing that is installed is preferred
  std::set<std::string> upgrade_packages;  // nor these; normalized
  bool no_dependencies = false;
  bool reinstall = false;  // what is asked for is put there again, though it is there already
  bool strict_conflicts = false;
  bool dry_run = false;  // nothing is fetched but answers of the resolver, and nothing changed
  IngestOptions ingest;
  unsigned threads = 0;  // 0: as many as CPUs
};

struct InstallResult {
  std::string path;                  // absolute
  std::vector<PackageStep> steps;    // by name
  std::vector<std::string> already;  // "name version" of what was asked for and stays as it is
  std::vector<std::string>
      again;  // the same of what was put there again in its version (InstallOptions::reinstall), or from other files
  std::vector<std::string> broken;      // sentences: who stays, and is no longer content
  std::vector<IngestResult> ingested;   // wheels that were read for it
  std::vector<PlanConflict> conflicts;  // of the environment as it is now
  std::vector<std::string> warnings;
  bool changed = false;  // REQUESTED alone may have changed
};

// What is installed stays in its version as long as it satisfies what is asked for, and what needs nothing asks neither the resolver nor
// the network. Everything else in the environment stays, if need be broken, which the result says. Packages of other tools that are
// replaced go by their RECORDs. Atomic as every change of an environment.
// Throws what look_at_changed(), others_files_to_go() and LockedSupply throw, InvalidInput for wheels that are refused.
[[nodiscard]] InstallResult install_packages(const Store& store, const std::string& path, const InstallOptions& options,
                                             Progress& progress);

}  // namespace cas
