#include "linker/locked/pinned_lock.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>

#include "store/artifact_identity.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/net/url.hpp"
#include "store/packages/packages.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// As the index tells it; of a file that lies here, its own.
std::optional<Sha256Digest> digest_of(const Store& store, const IndexFile& file) {
  const auto url = try_parse_url(file.url);
  if (file.sha256 || !url || !url->is_file()) return file.sha256;
  const std::string path = file_path(*url);
  return identify_artifact(open_user_file(path).get(), path, store.index()).digest;
}

bool is_accepted(const std::optional<Sha256Digest>& digest, const std::vector<RequirementHash>& hashes) {
  return digest && std::ranges::find(hashes, RequirementHash{"sha256", digest->hex()}) != hashes.end();
}

LockedFile locked_file(const IndexFile& file) {
  LockedFile locked;
  locked.name = file.name;
  const auto url = try_parse_url(file.url);
  if (url && url->is_file()) {
    locked.path = file_path(*url);
  } else {
    locked.url = file.url;
  }
  locked.size = file.size;
  locked.hashes.emplace("sha256", file.sha256->hex());
  return locked;
}

bool is_wheel_of(const std::string& name, const Version& version) {
  if (!name.ends_with(".whl")) return false;
  try {
    return parse_wheel_name(name).version == version;
  } catch (const InvalidInput&) {
    return false;  // as indexes have them from before there were rules
  }
}

bool is_sdist_of(const std::string& name, const Version& version) {
  for (const std::string_view end : {".tar.gz", ".zip", ".tar.bz2", ".tar.xz"}) {
    const std::size_t dash = name.rfind('-');
    if (!name.ends_with(end) || dash == std::string::npos || dash + end.size() >= name.size()) continue;
    if (Version::parse(name.substr(dash + 1, name.size() - end.size() - dash - 1)) == version) return true;
  }
  return false;
}

}  // namespace

bool is_wanted(const ListedRequirement& listed, const MarkerEnvironment& environment) {
  return !listed.constraint && (!listed.requirement.marker || listed.requirement.marker->evaluate(environment));
}

bool is_fully_pinned(const RequirementFiles& files, const MarkerEnvironment& environment) {
  bool any = false;
  for (const ListedRequirement& listed : files.requirements) {
    if (!is_wanted(listed, environment)) continue;
    any = true;
    const std::vector<RequirementHash> hashes = listed.accepted_hashes();
    const bool sha256 = std::ranges::any_of(hashes, [](const auto& hash) { return hash.algorithm == "sha256"; });
    if (!sha256 || listed.editable || !listed.requirement.url.empty() || listed.requirement.name.empty() ||
        !listed.requirement.specifiers.exact_version()) {
      return false;
    }
  }
  return any;
}

Pylock pinned_lock(const Store& store, const RequirementFiles& files, const MarkerEnvironment& environment,
                   IndexClient& indexes) {
  Pylock lock;
  lock.created_by = "cas";
  std::vector<const ListedRequirement*> wanted;
  std::vector<std::string> names;
  for (const ListedRequirement& listed : files.requirements) {
    if (!is_wanted(listed, environment)) continue;
    wanted.push_back(&listed);
    names.push_back(listed.requirement.normalized);
  }
  std::string problems;
  std::vector<ProjectFiles> found = indexes.find(names);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const ListedRequirement& listed = *wanted[i];
    const Version version = *listed.requirement.specifiers.exact_version();
    const std::vector<RequirementHash> hashes = listed.accepted_hashes();
    LockedPackage package;
    package.name = listed.requirement.normalized;
    package.version = version.text();
    std::size_t of_version = 0;
    for (IndexFile& file : found[i].files) {
      const bool wheel = is_wheel_of(file.name, version);
      if (wheel || is_sdist_of(file.name, version)) file.sha256 = digest_of(store, file);
      const bool accepted = is_accepted(file.sha256, hashes);
      if (wheel) {
        ++of_version;
        if (accepted) package.wheels.push_back(locked_file(file));
      } else if (accepted && !file.name.ends_with(".whl")) {
        package.sdist = locked_file(file);
      }
    }
    if (package.wheels.empty() && !package.sdist) {
      problems += fmt::format(
          "{}{}: {}", problems.empty() ? "" : "\n", listed.place.text(),
          !found[i].known.empty() && found[i].files.empty()
              ? fmt::format("{} knows {}, and has no file of it", fmt::join(found[i].known, ", "),
                            printable(package.name))
          : found[i].files.empty() ? fmt::format("no index has {}", printable(package.name))
          : of_version == 0
              ? fmt::format("no index has a wheel of {} {}", printable(package.name), package.version)
              : fmt::format("{} of {} {} has {} of the hashes given",
                            of_version == 1 ? "the wheel" : fmt::format("none of the {} wheels", of_version),
                            printable(package.name), package.version, of_version == 1 ? "none" : "one"));
      continue;
    }
    lock.packages.push_back(std::move(package));
  }
  if (!problems.empty()) throw InvalidInput(problems, "look at the versions and hashes, or at the index (--index-url)");
  return lock;
}

std::optional<Pylock> pinned_lock_of_store(const Store& store, const RequirementFiles& files,
                                           const MarkerEnvironment& environment) {
  const std::vector<Package> packages = list_packages(store.index());
  Pylock lock;
  lock.created_by = "cas";
  for (const ListedRequirement& listed : files.requirements) {
    if (!is_wanted(listed, environment)) continue;
    const Version version = *listed.requirement.specifiers.exact_version();
    const std::vector<RequirementHash> hashes = listed.accepted_hashes();
    LockedPackage locked;
    locked.name = listed.requirement.normalized;
    locked.version = version.text();
    for (const Package& package : packages) {
      if (package.row.normalized_name != locked.name || !is_accepted(package.artifact, hashes) ||
          !is_wheel_of(package.row.file_name, version)) {
        continue;
      }
      LockedFile& wheel = locked.wheels.emplace_back();
      wheel.name = package.row.file_name;
      wheel.size = package.row.artifact_bytes;
      wheel.hashes.emplace("sha256", package.artifact.hex());
    }
    if (locked.wheels.empty()) return std::nullopt;
    lock.packages.push_back(std::move(locked));
  }
  return lock;
}

}  // namespace cas
