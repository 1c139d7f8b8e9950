#include "linker/locked/promised_hashes.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "linker/build/project_source.hpp"
#include "linker/locked/requirement_names.hpp"
#include "linker/locked/requirement_sources.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr const char* kHint = "look at the versions and hashes, or at the index (--index-url)";

// That an index tells the hash that is wanted, too, does not make the file that it tells another one of (its SHA-256, by which the store knows
// it) the one that is wanted.
bool accept(LockedFile& file, const std::vector<RequirementHash>& hashes) {
  if (hashes.size() == 1 && hashes.front().algorithm == "sha256" && !file.sha256()) {
    file.hashes.insert_or_assign("sha256", hashes.front().hex);
    return true;
  }
  for (const RequirementHash& hash : hashes) {
    const auto known = file.hashes.find(hash.algorithm);
    const bool same = known != file.hashes.end() && known->second == hash.hex;
    if (same && hash.algorithm == "sha256") {
      file.one_of.clear();
      return true;
    }
    if (known == file.hashes.end() || same) file.one_of.emplace_back(hash.algorithm, hash.hex);
  }
  return !file.one_of.empty();
}

void hold(const ListedRequirement& listed, const std::vector<RequirementHash>& hashes, LockedPackage& package) {
  const std::string place = listed.place.text();
  if (package.vcs || package.directory) {
    throw InvalidInput(fmt::format("{}: {} comes from {}, which has no hash", place, printable(package.name),
                                   package.vcs ? "a repository" : "a directory"),
                       "leave the hash out");
  }
  std::erase_if(package.wheels, [&](LockedFile& wheel) { return !accept(wheel, hashes); });
  if (package.sdist && !accept(*package.sdist, hashes)) package.sdist.reset();
  if (package.archive && !accept(*package.archive, hashes)) package.archive.reset();
  if (!package.wheels.empty() || package.sdist || package.archive) return;
  throw InvalidInput(fmt::format("{}: no file of {} {} has one of the hashes given", place, printable(package.name),
                                 printable(package.version)),
                     kHint);
}

// By what somebody gave for a check of the file, although it proves nothing of it.
void hold_transfer(const std::vector<RequirementHash>& hashes, LockedPackage& package) {
  if (!package.archive) return;
  for (const RequirementHash& hash : hashes) package.archive->one_of.emplace_back(hash.algorithm, hash.hex);
}

}  // namespace

bool has_hash(const std::string& path, const RequirementHash& hash) {
  return !content_problem(path, ContentHashes{{hash.algorithm, hash.hex}});
}

void refuse_other_files(const RequirementFiles& files, const MarkerEnvironment& environment) {
  for (const ListedRequirement& listed : files.requirements) {
    const std::vector<RequirementHash> hashes = listed.accepted_hashes();
    const auto path =
        hashes.empty() || !listed.requirement.applies(environment) ? std::nullopt : local_path(listed.requirement);
    if (!path) continue;
    const auto info = stat_path(*path);
    if (!info || !S_ISREG(info->st_mode)) continue;  // told by whoever needs it
    if (std::ranges::any_of(hashes, [&](const RequirementHash& hash) { return has_hash(*path, hash); })) continue;
    throw InvalidInput(fmt::format("{}: {} has none of the hashes given", listed.place.text(), printable(*path)),
                       "fetch the file again, or correct the hash");
  }
}

void hold_to_hashes(const RequirementFiles& files, const MarkerEnvironment& environment, bool no_dependencies,
                    Pylock& lock) {
  std::set<std::string> held;
  bool all = !no_dependencies;
  for (const ListedRequirement& listed : files.requirements) {
    if (!listed.requirement.applies(environment)) continue;
    const std::vector<RequirementHash> hashes = listed.accepted_hashes();
    if (!listed.constraint) all = all && listed.is_pinned();
    const std::vector<RequirementHash> weak = listed.weak_hashes();
    if (hashes.empty() && weak.empty()) continue;
    for (const std::string& name : names_of(listed.requirement, lock)) {
      for (LockedPackage& package : lock.packages) {
        if (package.name != name) continue;
        if (hashes.empty()) {
          hold_transfer(weak, package);
          continue;
        }
        hold(listed, hashes, package);
        held.insert(name);
      }
    }
  }
  if (!all || held.empty()) return;
  for (const LockedPackage& package : lock.packages) {
    if (held.contains(package.name)) continue;
    throw InvalidInput(fmt::format("{} {} is needed, and no requirement names its hash, as all the others have one",
                                   printable(package.name), printable(package.version)),
                       "add it with its hash, or leave out what it is needed for with --no-deps");
  }
}

}  // namespace cas
