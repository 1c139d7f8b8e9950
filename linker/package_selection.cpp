#include "linker/package_selection.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "linker/direct_url.hpp"
#include "linker/find_links.hpp"
#include "linker/tags.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

std::vector<std::string> wheels_in(const std::vector<std::string>& folders) {
  std::vector<std::string> files;
  for (const std::string& folder : folders) {
    const Fd directory = open_directory(folder);
    list_directory(directory.get(), folder, [&](const std::string& name, unsigned char) {
      if (name.ends_with(".whl")) files.push_back(folder + "/" + name);
    });
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<PackageRequest> choose_files(const CreateOptions& options, const InterpreterFacts& facts) {
  std::vector<PackageRequest> files = options.packages;
  const bool names = std::any_of(files.begin(), files.end(), [](const auto& file) { return file.wheel.path.empty(); });
  if (!names) return files;
  if (options.find_links.empty()) {
    const auto first =
        std::find_if(files.begin(), files.end(), [](const auto& file) { return file.wheel.path.empty(); });
    throw UsageError("where to look for " + first->name + "?", "name a folder of wheels with --find-links");
  }
  const TagSet tags(facts);
  const std::vector<std::string> candidates = wheels_in(options.find_links);
  for (PackageRequest& file : files) {
    if (!file.wheel.path.empty()) continue;
    file.wheel.path = choose_wheel(parse_name_requirement(file.name), candidates, {facts, tags}, options.find_links);
    const auto pin = options.pins.find(name_of(file.wheel.path));
    if (pin != options.pins.end()) file.wheel.pinned = pin->second;
  }
  return files;
}

std::vector<IngestResult> ingest_chosen(const Store& store, const std::vector<PackageRequest>& files,
                                        const IngestOptions& options, Progress& progress) {
  std::vector<WheelRequest> wheels;
  wheels.reserve(files.size());
  for (const PackageRequest& file : files) wheels.push_back(file.wheel);
  if (wheels.empty()) return {};
  std::vector<IngestResult> results = ingest_wheels(store, wheels, options, progress);
  std::string errors;
  std::string hint;
  for (const IngestResult& result : results) {
    if (result.error.empty()) continue;
    errors += (errors.empty() ? "" : "\n") + result.error;
    if (hint.empty()) hint = result.error_hint;
  }
  if (!errors.empty()) throw InvalidInput(errors, hint);
  return results;
}

std::vector<PlannedPackage> describe_packages(const std::vector<PackageRequest>& requests,
                                              const std::vector<PackageRequest>& files,
                                              const std::vector<IngestResult>& ingested) {
  std::vector<PlannedPackage> packages;
  for (std::size_t i = 0; i < ingested.size(); ++i) {
    // The same wheel twice is one package.
    const auto same = [&](const PlannedPackage& other) { return other.artifact == ingested[i].artifact; };
    if (std::any_of(packages.begin(), packages.end(), same)) continue;
    PlannedPackage package;
    package.artifact = ingested[i].artifact;
    package.metadata.name = ingested[i].name;
    package.metadata.normalized_name = ingested[i].normalized_name;
    package.metadata.version = ingested[i].version;
    package.metadata.file_name = ingested[i].file_name;
    if (i < requests.size()) package.requested = Requested::yes;
    if (i < requests.size() && !requests[i].wheel.path.empty()) {
      package.direct_url = archive_direct_url(absolute_path(files[i].wheel.path), package.artifact);
    }
    packages.push_back(std::move(package));
  }
  sort_for_plan(packages);
  return packages;
}

PlannedPackage planned_package(const Package& stored) {
  PlannedPackage package;
  package.artifact = stored.artifact;
  package.metadata.name = stored.row.name;
  package.metadata.normalized_name = stored.row.normalized_name;
  package.metadata.version = stored.row.version;
  package.metadata.file_name = stored.row.file_name;
  return package;
}

PlannedPackage planned_package(const Package& stored, const AnchoredPackage& anchored) {
  PlannedPackage package = planned_package(stored);
  package.requested = anchored.requested ? Requested::yes : Requested::no;
  package.direct_url = anchored.direct_url;
  package.built_from = anchored.built_from;
  return package;
}

bool load_packages(const Store& store, std::vector<PlannedPackage>& packages) {
  for (PlannedPackage& package : packages) {
    const auto found = find_package(store.index(), package.artifact);
    if (!found) return false;
    Manifest manifest = read_manifest(store.layout(), *found);
    package.metadata = std::move(manifest.metadata);
    package.files = std::move(manifest.files);
  }
  return true;
}

void check_fit(const std::vector<PlannedPackage>& packages, const InterpreterFacts& facts) {
  const TagSet tags(facts);
  std::string problems;
  for (const PlannedPackage& package : packages) {
    if (is_interpreter(package.metadata)) continue;
    if (const auto problem = misfit(package.metadata, facts, tags)) {
      problems += (problems.empty() ? "" : "\n") + *problem;
    }
  }
  if (!problems.empty()) throw InvalidInput(problems, "choose another interpreter with --python, or another wheel");
}

}  // namespace cas
