#include "cli/pin_requests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "cli/environment_names.hpp"
#include "cli/package_arguments.hpp"
#include "linker/find_links.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/pylock/pylock.hpp"
#include "store/roots.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostLockBytes = std::size_t{64} << 20;

PinnedPackage pinned(const Package& package) { return {package.artifact, package.row.name, package.row.version}; }

// The wheels that the lock names; where the store has none of them, what it has of that name and version: built from its sources, or put
// together from parts.
PinRequest of_lock(const std::vector<Package>& packages, const std::string& path) {
  if (!is_pylock_name(name_of(path))) {
    throw UsageError(printable(path) + " is a lock of another tool: only a pylock.toml can be pinned",
                     "`cas pin ENV` keeps what was made of it");
  }
  const std::string text = read_fd(open_user_file(path).get(), kMostLockBytes, path);
  PinRequest request;
  request.pin.kind = PinKind::lock;
  request.pin.what = absolute_path(path);
  for (const LockedPackage& locked : parse_pylock(text, path).packages) {
    std::unordered_set<Sha256Digest> wheels;
    for (const LockedFile& wheel : locked.wheels) {
      if (const auto digest = wheel.sha256()) wheels.insert(*digest);
    }
    std::vector<PinnedPackage> exact, named;
    for (const Package& package : packages) {
      if (wheels.contains(package.artifact)) exact.push_back(pinned(package));
      if (package.row.normalized_name == locked.name && package.row.version == locked.version)
        named.push_back(pinned(package));
    }
    const std::vector<PinnedPackage>& found = exact.empty() ? named : exact;
    if (found.empty()) request.missing.push_back(locked.name + (locked.version.empty() ? "" : "==" + locked.version));
    request.pin.packages.insert(request.pin.packages.end(), found.begin(), found.end());
  }
  return request;
}

PinRequest of_environment(const Store& store, const std::string& path) {
  const Root root = find_root(store, path);
  PinRequest request;
  request.pin.kind = PinKind::environment;
  request.pin.what = absolute_path(path);
  for (const AnchoredPackage& package : root.anchor.packages)
    request.pin.packages.push_back({package.artifact, package.name, package.version});
  return request;
}

PinRequest of_package(const std::vector<Package>& packages, const std::string& operand) {
  PinRequest request;
  request.pin.kind = PinKind::package;
  if (const auto digest = Sha256Digest::from_hex(operand)) {
    request.pin.what = digest->hex();
    for (const Package& package : packages) {
      if (package.artifact == *digest) request.pin.packages.push_back(pinned(package));
    }
    return request;
  }
  const NameRequirement wanted = parse_name_requirement(operand);
  request.pin.what = wanted.normalized_name + (wanted.version.empty() ? "" : "==" + wanted.version);
  for (const Package& package : packages) {
    if (is_meant(wanted, package.row.normalized_name, package.row.version))
      request.pin.packages.push_back(pinned(package));
  }
  return request;
}

bool means_environment(const std::string& path) {
  return path.find('/') != std::string::npos || path == "." || path == ".." || read_environment_anchor(path);
}

}  // namespace

PinRequest read_pin_request(const Context& context, const Store& store, const std::vector<Package>& packages,
                            const std::string& operand) {
  if (is_lock_argument(operand)) {
    PinRequest request = of_lock(packages, operand);
    if (request.pin.packages.empty()) {
      throw NotFound("the store has no package of " + printable(operand), "`cas sync` brings them in");
    }
    return request;
  }
  const std::string path = environment_operand(context.global, operand);
  if (means_environment(path)) return of_environment(store, path);
  PinRequest request = of_package(packages, operand);
  if (request.pin.packages.empty()) {
    throw NotFound(fmt::format("no package '{}' in the store", printable(operand)),
                   "`cas add` puts wheels into it; `cas pin ./" + printable(operand) + "` if an environment is meant");
  }
  return request;
}

std::vector<Pin> pins_meant(const Context& context, const std::vector<Pin>& pins, const std::string& operand) {
  std::vector<std::string> words{operand, absolute_path(operand)};
  // One that was moved since names the place where it was made.
  if (const auto anchor = read_environment_anchor(environment_operand(context.global, operand))) {
    words.push_back(anchor->target);
  }
  if (operand.find('/') == std::string::npos) {
    const std::size_t version = operand.find("==");
    words.push_back(normalize_name(operand.substr(0, version)) +
                    (version == std::string::npos ? "" : operand.substr(version)));
    try {
      words.push_back(environments_directory(context.global) + "/" + operand);
    } catch (const UsageError&) {  // no store is named anywhere: then nothing has a name
    }
  }
  std::vector<Pin> meant;
  for (const Pin& pin : pins) {
    if (pin.id == operand || std::ranges::find(words, pin.what) != words.end()) meant.push_back(pin);
  }
  if (meant.empty()) throw NotFound(printable(operand) + " is not pinned", "`cas pins` says what is");
  return meant;
}

}  // namespace cas
