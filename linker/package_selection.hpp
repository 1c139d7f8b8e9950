// From what the user asked for to packages that the store has.
#pragma once

#include <string>
#include <vector>

#include "linker/environment.hpp"
#include "linker/plan.hpp"
#include "store/packages/packages.hpp"
#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

// Wheel files for the requests: paths as given, names chosen from the find-links folders. Throws NotFound, UsageError.
[[nodiscard]] std::vector<PackageRequest> choose_files(const CreateOptions& options, const InterpreterFacts& facts);

// Ingests the chosen files. Throws InvalidInput with the first refusal; the others' are in its hint.
[[nodiscard]] std::vector<IngestResult> ingest_chosen(const Store& store, const std::vector<PackageRequest>& files,
                                                      const IngestOptions& options, Progress& progress);

// What the packages are called, without reading their manifests: enough for a plan's key and an anchor. `requests` says how the
// first of `files` were asked for: `direct_url` is set for those that were given as files. What comes behind them was seeded.
[[nodiscard]] std::vector<PlannedPackage> describe_packages(const std::vector<PackageRequest>& requests,
                                                            const std::vector<PackageRequest>& files,
                                                            const std::vector<IngestResult>& ingested);

// A package of the store, as describe_packages() has them. `anchored`: as the environment that has it asked for it.
[[nodiscard]] PlannedPackage planned_package(const Package& stored);
[[nodiscard]] PlannedPackage planned_package(const Package& stored, const AnchoredPackage& anchored);

// Fills in metadata and files from the manifests. false: a package is no longer in the index.
[[nodiscard]] bool load_packages(const Store& store, std::vector<PlannedPackage>& packages);

// Throws InvalidInput naming every package that does not fit the interpreter, with the reasons.
void check_fit(const std::vector<PlannedPackage>& packages, const InterpreterFacts& facts);

}  // namespace cas
