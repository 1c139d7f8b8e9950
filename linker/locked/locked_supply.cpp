#include "linker/locked/locked_supply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/filesystem/path.hpp>
#include <iterator>

#include "linker/build/source_build.hpp"
#include "linker/direct_url.hpp"
#include "linker/locked/artifact_fetch.hpp"
#include "linker/locked/digest_search.hpp"
#include "linker/locked/locked_sources.hpp"
#include "linker/locked/marker_facts.hpp"
#include "linker/locked/pin_completeness.hpp"
#include "linker/package_selection.hpp"
#include "store/base/error.hpp"
#include "store/packages/packages.hpp"
#include "store/sys/system_name.hpp"
#include "store/take_over.hpp"

namespace cas {
namespace {

constexpr int kMaxRounds = 10;

// As the wheel itself, else as what was put together from parts of it for a lock that says the same.
template <class Find>
std::optional<Package> find(const WantedArtifact& artifact, Find&& look) {
  auto found = look(artifact.sha256);
  if (!found && artifact.listing) found = look(assembled_identity(artifact));
  return found;
}

}  // namespace

struct LockedSupply::Entry {
  std::string name;     // normalized
  std::string version;  // "" where the lock does not say
  std::string lock;
  WantedArtifact artifact;              // of a package that has to be built: known once it is
  std::optional<ProjectSource> source;  // to be built
  const BuildOptions* build = nullptr;
  bool built = false;
  Requested requested = Requested::no;
  std::string direct_url;
  std::optional<BuiltFrom> built_from;

  // Equal for what is the same file, or the same sources.
  [[nodiscard]] std::string origin() const {
    if (!source || source->sha256) return (source ? *source->sha256 : artifact.sha256).hex();
    return source->path + source->url + " " + source->commit + (source->editable ? " editable" : "");
  }
};

LockedSupply::LockedSupply(Locks locks, PackageNetwork& network) : find_locks_(std::move(locks)), network_(network) {}
LockedSupply::~LockedSupply() = default;

void LockedSupply::add(const Store& store, const LockSource& source, const LockedChoice& choice) {
  const LockedPackage& package = *choice.package;
  Entry entry;
  entry.name = package.name;
  entry.version = package.version;
  entry.lock = source.place;
  if (!source.requested || source.requested->contains(package.name)) entry.requested = Requested::yes;
  if (choice.wheel == nullptr) {
    LockedSources sources = locked_sources(store, package, source.place, source.directory);
    entry.artifact.name = sources.source.label();
    entry.source = std::move(sources.source);
    entry.build = &source.wishes.build;
    entry.direct_url = std::move(sources.direct_url);
    entry.built_from = std::move(sources.built_from);
    ProjectSource& archive = *entry.source;
    if (source.fetched && archive.sha256 && archive.path.empty())
      archive.path = source.fetched->path_of(*archive.sha256);
    add(std::move(entry));
    return;
  }
  const LockedFile& wheel = *choice.wheel;
  refuse_weak_hashes(wheel, source.place);
  const auto digest = wheel.sha256();
  if (!digest) {
    throw InvalidInput(fmt::format("{}: {} has no sha256 hash", source.place, wheel.name),
                       "lock it again with SHA-256 hashes");
  }
  entry.artifact = {wheel.name, *digest, wheel.size, {}, wheel.url};
  entry.artifact.vouched = source.vouched;
  entry.artifact.hashes = further_strong_hashes(wheel.hashes);
  const auto listing = package.listings.find(wheel.name);
  // Parts are not the whole that further hashes are of.
  if (listing != package.listings.end() && entry.artifact.hashes.empty() &&
      network_.options().partial_downloads != PartialDownloads::never) {
    entry.artifact.listing = listing->second;
  }
  if (!wheel.path.empty()) {
    entry.artifact.path =
        boost::filesystem::path(wheel.path).is_absolute() ? wheel.path : source.directory + "/" + wheel.path;
  }
  if (package.archive && choice.wheel == &*package.archive) {
    entry.direct_url = entry.artifact.path.empty() ? archive_direct_url(parse_url(wheel.url), *digest)
                                                   : archive_direct_url(entry.artifact.path, *digest);
  }
  if (source.fetched && entry.artifact.path.empty()) entry.artifact.path = source.fetched->path_of(*digest);
  add(std::move(entry));
}

void LockedSupply::add(Entry entry) {
  const auto same = std::ranges::find(entries_, entry.name, &Entry::name);
  if (same == entries_.end()) {
    entries_.push_back(std::move(entry));
  } else if (same->origin() != entry.origin()) {
    throw UsageError(
        fmt::format("{} wants {}, and {} wants {}", same->lock, same->artifact.name, entry.lock, entry.artifact.name),
        "lock what belongs into one environment together");
  } else {
    if (entry.requested == Requested::yes) same->requested = Requested::yes;
    // What only one of them says does not bind the other.
    if (entry.artifact.listing != same->artifact.listing) same->artifact.listing.reset();
  }
}

PlannedPackage LockedSupply::planned(const Entry& entry, const Package& stored) {
  PlannedPackage package = planned_package(stored);
  if (package.metadata.normalized_name != entry.name) {
    throw InvalidInput(fmt::format("{}: {} is a wheel of {}, not of {}", entry.lock, entry.artifact.name,
                                   package.metadata.normalized_name, entry.name));
  }
  package.requested = entry.requested;
  package.direct_url = entry.direct_url;
  package.built_from = entry.built_from;
  return package;
}

void LockedSupply::choose(const Store& store, const InterpreterFacts& facts, Progress& progress) {
  sources_ = find_locks_(store, facts, progress);
  const MarkerEnvironment environment = marker_environment(facts, system_name());
  for (const LockSource& source : sources_) {
    for (const LockedChoice& choice : select_locked(source.lock, facts, environment, source.wishes, source.place)) {
      add(store, source, choice);
    }
  }
  chosen_ = true;
}

void LockedSupply::refuse_lacking(const Store& store, const std::vector<PlannedPackage>& packages,
                                  const InterpreterFacts& facts) const {
  std::vector<Requirement> pins;
  for (const LockSource& source : sources_) pins.insert(pins.end(), source.pins.begin(), source.pins.end());
  if (!pins.empty()) refuse_incomplete(store, pins, packages, present_, facts);
}

SuppliedPackages LockedSupply::preview(const Store& store, const InterpreterFacts& facts, Progress& progress) {
  if (!chosen_) choose(store, facts, progress);
  SuppliedPackages supplied;
  for (const Entry& entry : entries_) {
    PlannedPackage& package = supplied.packages.emplace_back();
    const auto stored =
        find(entry.artifact, [&](const Sha256Digest& digest) { return find_package_anywhere(store, digest); });
    package.artifact = stored ? stored->artifact : entry.artifact.sha256;
    std::string version = entry.version;
    if (entry.source) {
      if (const auto known = known_build(store, *entry.source, facts, *entry.build)) {
        package.artifact = known->artifact;
        version = known->version;
      }
    }
    package.metadata.name = package.metadata.normalized_name = entry.name;
    package.metadata.version = version;
    package.metadata.file_name = entry.artifact.name;
    package.requested = entry.requested;
    package.direct_url = entry.direct_url;
  }
  return supplied;
}

// What base stores have of it, together.
void LockedSupply::take_over(const Store& store, unsigned threads) const {
  std::vector<Sha256Digest> wanted;
  for (const Entry& entry : entries_) {
    if (entry.source && !entry.built) continue;
    wanted.push_back(entry.artifact.sha256);
    if (entry.artifact.listing) wanted.push_back(assembled_identity(entry.artifact));
  }
  take_over_packages(store, wanted, threads);
}

SuppliedPackages LockedSupply::supply(const Store& store, const InterpreterFacts& facts, const IngestOptions& options,
                                      Progress& progress) {
  if (!chosen_) choose(store, facts, progress);
  SuppliedPackages supplied;
  for (int round = 0; round < kMaxRounds; ++round) {
    std::vector<WantedArtifact> missing;
    supplied.packages.clear();
    take_over(store, options.threads);
    for (Entry& entry : entries_) {
      if (entry.source && !entry.built) {
        BuildResult result = build_source(store, network_, *entry.source, facts, *entry.build, progress);
        entry.artifact.sha256 = result.wheel.artifact;
        entry.built = true;
        if (result.ingested) supplied.ingested.push_back(std::move(*result.ingested));
      }
      const auto stored = find(entry.artifact, [&](const Sha256Digest& digest) {
        return find_whole_package(store.layout(), store.index(), digest);
      });
      if (stored) {
        supplied.packages.push_back(planned(entry, *stored));
      } else if (entry.source) {
        entry.built = false;
      } else {
        missing.push_back(entry.artifact);
      }
    }
    if (supplied.packages.size() == entries_.size()) {
      refuse_lacking(store, supplied.packages, facts);
      return supplied;
    }
    if (missing.empty()) continue;
    std::ranges::move(fetch_artifacts(store, network_, missing, options, progress),
                      std::back_inserter(supplied.ingested));
  }
  throw Error("packages are collected again and again while they are added", "wait for `cas gc` to finish");
}

}  // namespace cas
