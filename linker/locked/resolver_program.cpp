#include "linker/locked/resolver_program.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "linker/locked/artifact_fetch.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/objects/layout.hpp"
#include "store/packages/packages.hpp"
#include "store/sys/file.hpp"
#include "store/sys/group_access.hpp"
#include "store/sys/link.hpp"
#include "store/sys/process.hpp"
#include "store/sys/publish.hpp"
#include "store/sys/system_name.hpp"
#include "store/sys/tree.hpp"
#include "store/sys/trust.hpp"
#include "store/take_over.hpp"

namespace cas {
namespace {

constexpr std::string_view kVersion = "0.13.9";

struct PinnedWheel {
  std::string_view machine;
  std::string_view name;
  std::string_view sha256;
};
// What the index has of this version for Linux with glibc; statically linked enough to run with any since 2.17.
constexpr std::array<PinnedWheel, 2> kWheels{{
    {"x86_64", "uv-0.13.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
     "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19"},
    {"aarch64", "uv-0.13.9-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
     "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe"},
}};

std::string own_path(const Store& store) { return fmt::format("{}/uv-{}", store.layout().tools(), kVersion); }

// cas's own, where it lies; it is run where a base store has it. "": nowhere.
std::string kept_program(const Store& store) {
  if (std::string path = own_path(store); is_program(path)) return path;
  for (const Store& base : store.bases()) {
    std::string path = own_path(base);
    const auto folder = stat_path(base.layout().tools());
    const auto file = stat_path(path);
    if (folder && is_only_ours(*folder) && file && is_only_ours(*file) && is_program(path)) return path;
  }
  return {};
}

// By its file, without running it.
std::string identity_of(const std::string& path) {
  const auto info = stat_path(path);
  if (!info) return path;
  return fmt::format("{} {} {} {}.{}", path, info->st_ino, info->st_size, info->st_mtim.tv_sec, info->st_mtim.tv_nsec);
}

const PinnedWheel& wheel_for(const std::string& machine) {
  const auto wheel = std::ranges::find(kWheels, machine, &PinnedWheel::machine);
  if (wheel == kWheels.end()) {
    throw NotFound(fmt::format("there is no uv {} for {} that cas knows", kVersion, machine),
                   "install uv and name it with --resolver");
  }
  return *wheel;
}

// The program in the ingested wheel becomes a file of its own, with which the collector has no business.
void keep_program(const Store& store, const Sha256Digest& artifact) {
  const auto package = find_package(store.index(), artifact);
  if (!package) throw NotFound("the resolver's wheel was collected while it was added", "run the command again");
  const Manifest manifest = read_manifest(store.layout(), package->row.manifest);
  for (const PackageFile& file : manifest.files) {
    if (file.scheme != Scheme::scripts || file.path != "uv") continue;
    const StagingDirectory staging(store.layout().staging());
    const Fd object = open_object(store, file.object);
    if (copy_file(object.get(), staging.fd(), "uv", 0555, canonical_mtime(file.object.digest), own_path(store)) !=
        LinkOutcome::linked) {
      throw Error("copying " + own_path(store) + " is not possible here");
    }
    try_make_store_directory(store.layout().tools());
    rename_at(staging.fd(), "uv", open_directory(store.layout().tools()).get(), std::string(name_of(own_path(store))));
    return;
  }
  throw InvalidInput(package->row.file_name + " holds no program uv");
}

}  // namespace

ResolverProgram known_resolver(const Store& store, const std::string& asked) {
  if (asked.empty() || asked == "own") {
    return {kept_program(store), fmt::format("uv {}", kVersion)};
  }
  if (asked == "pip") return {"", "pip", ResolverKind::pip};
  const std::string path = asked.find('/') == std::string::npos ? find_program(asked) : absolute_path(asked);
  if (path.empty() || !is_program(path)) {
    throw NotFound(fmt::format("the resolver {} is not there", printable(asked)),
                   "name the program uv with --resolver, or leave the option out: cas then fetches one of its own");
  }
  const std::string_view name = name_of(path);
  return {path, identity_of(path), name == "pip" || name == "pip3" ? ResolverKind::pip : ResolverKind::uv};
}

void obtain_resolver(const Store& store, PackageNetwork& network, Progress& progress, ResolverProgram& program) {
  if (!program.path.empty() || program.kind == ResolverKind::pip) return;
  try {
    const PinnedWheel& pinned = wheel_for(system_name().machine);
    WantedArtifact wanted;
    wanted.name = pinned.name;
    wanted.sha256 = Sha256Digest::from_hex(pinned.sha256).value();
    if (!obtain_package(store, wanted.sha256)) {
      if (network.offline()) throw NotFound("cas's own resolver is not in the store, and the network may not be asked");
      const std::vector<ProjectFiles> found = network.indexes().find({"uv"});
      for (const IndexFile& file : found.front().files) {
        if (file.name == pinned.name) wanted.url = file.url;
      }
      if (wanted.url.empty()) throw NotFound(fmt::format("the index has no {}", pinned.name));
      (void)fetch_artifacts(store, network, {&wanted, 1}, {}, progress);
    }
    keep_program(store, wanted.sha256);
    program.path = own_path(store);
  } catch (const Error& error) {
    const std::string other = find_program("uv");
    if (other.empty()) {
      throw NotFound(
          "what versions to install cannot be found out: " + error.message(),
          "name a program uv with --resolver, or give a lock file, or requirements with versions and hashes");
    }
    progress.warning(fmt::format("{}; {} is used instead", error.message(), other));
    program = {other, identity_of(other)};
  }
}

}  // namespace cas
