#include "linker/installed/comparison.hpp"

#include <algorithm>
#include <map>

#include "linker/installed/frozen.hpp"
#include "store/source/version.hpp"
#include "store/source/wheel_name.hpp"

namespace cas {
namespace {

bool same_version(const std::string& a, const std::string& b) {
  const auto first = Version::parse(a);
  const auto second = Version::parse(b);
  return first && second ? *first == *second : a == b;
}

std::optional<PackageChange> change_of(const ComparedPackage& before, const ComparedPackage& after) {
  const bool versions = !before.version.empty() && !after.version.empty();
  if (versions && !same_version(before.version, after.version)) return PackageChange::version;
  if (before.origin != after.origin) return PackageChange::origin;
  if (before.sha256 && after.sha256 && *before.sha256 != *after.sha256) return PackageChange::file;
  return std::nullopt;
}

using ByName = std::map<std::string_view, const ComparedPackage*>;

ByName by_name(const std::vector<ComparedPackage>& packages) {
  ByName result;
  for (const ComparedPackage& package : packages) result.emplace(package.normalized, &package);
  return result;
}

}  // namespace

std::string_view change_word(PackageChange change) {
  switch (change) {
    case PackageChange::added:
      return "added";
    case PackageChange::removed:
      return "removed";
    case PackageChange::version:
      return "version";
    case PackageChange::file:
      return "file";
    case PackageChange::origin:
      return "origin";
  }
  return "origin";
}

const AnchoredPackage* anchored_as(const InstalledDistribution& distribution, const Anchor& anchor) {
  if (distribution.installer != "cas") return nullptr;
  const auto ours = std::ranges::find_if(anchor.packages, [&](const AnchoredPackage& package) {
    return normalize_name(package.name) == distribution.normalized &&
           same_version(package.version, distribution.version);
  });
  return ours == anchor.packages.end() ? nullptr : &*ours;
}

std::optional<Sha256Digest> artifact_of(const InstalledDistribution& distribution,
                                        const std::optional<Anchor>& anchor) {
  if (distribution.direct_url) {
    // Of sources it is the archive's: what was built of it has another, which no index knows.
    if (const auto digest = Sha256Digest::from_hex(distribution.direct_url->sha256)) return digest;
  }
  const AnchoredPackage* const ours = anchor ? anchored_as(distribution, *anchor) : nullptr;
  if (ours == nullptr) return std::nullopt;
  return ours->built_from ? ours->built_from->sha256 : ours->artifact;
}

std::vector<ComparedPackage> compared_packages(const InstalledEnvironment& environment,
                                               const std::optional<Anchor>& anchor) {
  std::vector<ComparedPackage> packages;
  for (const FrozenRequirement& one : frozen_requirements(environment)) {
    const InstalledDistribution& distribution = *one.distribution;
    const bool archive = !distribution.direct_url || distribution.direct_url->kind == DirectUrl::Kind::archive;
    packages.push_back({distribution.name, distribution.normalized, shown_version(distribution),
                        artifact_of(distribution, anchor), archive ? std::string() : one.requirement});
  }
  return packages;
}

std::vector<PackageDifference> compare_packages(const std::vector<ComparedPackage>& before,
                                                const std::vector<ComparedPackage>& after) {
  const ByName old_ones = by_name(before);
  const ByName new_ones = by_name(after);
  std::map<std::string_view, PackageDifference> differences;
  for (const auto& [name, package] : old_ones) {
    const auto other = new_ones.find(name);
    if (other == new_ones.end()) {
      differences[name] = {PackageChange::removed, *package, std::nullopt};
    } else if (const auto change = change_of(*package, *other->second)) {
      differences[name] = {*change, *package, *other->second};
    }
  }
  for (const auto& [name, package] : new_ones) {
    if (!old_ones.contains(name)) differences[name] = {PackageChange::added, std::nullopt, *package};
  }
  std::vector<PackageDifference> result;
  for (auto& [name, difference] : differences) result.push_back(std::move(difference));
  return result;
}

}  // namespace cas
