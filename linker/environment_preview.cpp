#include <algorithm>

#include "linker/environment_condition.hpp"
#include "linker/environment_request.hpp"
#include "linker/tags.hpp"
#include "store/base/relpath.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// By its file's name: what is in it is not looked at.
AnchoredPackage named_package(const std::string& path, const InterpreterFacts& facts, const TagSet& tags) {
  if (!leads_to_file(path)) {
    throw NotFound(absolute_path(path) + ": there is no such wheel file", "name a wheel file that is there");
  }
  const WheelName name = parse_wheel_name(std::string(name_of(path)));
  PackageMetadata metadata;
  metadata.file_name = name.file_name;
  metadata.python_tags = name.python_tags;
  metadata.abi_tags = name.abi_tags;
  metadata.platform_tags = name.platform_tags;
  if (const auto problem = misfit(metadata, facts, tags)) throw InvalidInput(*problem);
  AnchoredPackage package;
  package.name = name.distribution;
  package.version = name.version_text;
  return package;
}

// The version of what has yet to be built may be known to its sources alone.
std::string label(const AnchoredPackage& package) {
  return package.version.empty() ? package.name : package.name + " " + package.version;
}

}  // namespace

CreateResult preview_environment(const EnvironmentRequest& request, const std::vector<PackageRequest>& files,
                                 const std::optional<Anchor>& before) {
  // Not changed where it is another store's.
  if (before && !request.replace) static_cast<void>(find_root(request.store, request.target));
  CreateResult result;
  result.dry_run = true;
  result.path = request.target;
  result.changed_existing = before && !request.replace;
  result.cleared = request.replace;
  if (before && before->python_version != request.facts.version) result.python_before = before->python_version;
  result.interpreter = request.facts;
  result.base = request.base;
  result.captured = request.captured;
  const TagSet tags(request.facts);
  for (std::size_t i = 0; i < files.size(); ++i) {
    AnchoredPackage package = named_package(files[i].wheel.path, request.facts, tags);
    package.requested = i < request.options.packages.size();
    result.packages.push_back(std::move(package));
  }
  for (const PlannedPackage& stored : request.packages) {
    result.packages.push_back({stored.artifact, stored.metadata.name, stored.metadata.version,
                               stored.requested == Requested::yes, stored.direct_url, stored.built_from});
  }
  std::ranges::sort(result.packages, {}, [](const AnchoredPackage& package) { return normalize_name(package.name); });
  return result;
}

void compare_packages(const std::optional<Anchor>& before, CreateResult& result) {
  const std::vector<AnchoredPackage> old = before ? user_packages(*before) : std::vector<AnchoredPackage>{};
  const auto has = [](const std::vector<AnchoredPackage>& packages, const AnchoredPackage& wanted, bool same_version) {
    return std::ranges::any_of(packages, [&](const AnchoredPackage& package) {
      return normalize_name(package.name) == normalize_name(wanted.name) &&
             (!same_version || package.version == wanted.version);
    });
  };
  for (const AnchoredPackage& package : result.packages) {
    if (!has(old, package, true)) result.added.push_back(label(package));
  }
  // What another tool had put in its place is said already.
  std::vector<std::string> said;
  for (const std::string& dropped : result.dropped)
    said.push_back(normalize_name(dropped.substr(0, dropped.find(' '))));
  for (const AnchoredPackage& package : old) {
    if (has(result.packages, package, false) || std::ranges::find(said, normalize_name(package.name)) != said.end())
      continue;
    result.dropped.push_back(label(package));
  }
}

}  // namespace cas
