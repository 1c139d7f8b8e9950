#include "linker/locked/lock_comparison.hpp"

#include <fmt/format.h>

#include "linker/locked/marker_facts.hpp"
#include "store/source/version.hpp"

namespace cas {
namespace {

// In the words of frozen_requirements().
std::string origin_of(const LockedPackage& package) {
  if (package.vcs) {
    const std::string& place = package.vcs->url.empty() ? package.vcs->path : package.vcs->url;
    return fmt::format("{} @ {}+{}@{}{}{}", package.name, package.vcs->type, place, package.vcs->commit_id,
                       package.vcs->subdirectory.empty() ? "" : "#subdirectory=", package.vcs->subdirectory);
  }
  if (!package.directory) return {};
  return (package.directory->editable ? "-e " : package.name + " @ ") + package.directory->path;
}

// A wheel, or what is built.
std::optional<Sha256Digest> chosen_file(const LockedChoice& choice) {
  if (choice.wheel != nullptr) return choice.wheel->sha256();
  const LockedPackage& package = *choice.package;
  const std::optional<LockedFile>& sources = package.archive ? package.archive : package.sdist;
  return sources ? sources->sha256() : std::nullopt;
}

}  // namespace

std::vector<ComparedPackage> compared_packages(const LockSource& source, const InterpreterFacts& facts) {
  std::vector<ComparedPackage> packages;
  for (const LockedChoice& choice :
       select_locked(source.lock, facts, system_markers(facts), source.wishes, source.place)) {
    const LockedPackage& package = *choice.package;
    const auto version = Version::parse(package.version);
    packages.push_back({package.name, package.name, version ? version->text() : package.version, chosen_file(choice),
                        origin_of(package)});
  }
  return packages;
}

}  // namespace cas
