#include "store/usage.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "store/packages/packages.hpp"
#include "store/sys/file.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

constexpr std::uint64_t kStatBlock = 512;  // the unit of st_blocks

std::uint64_t allocated(const struct stat& info) { return static_cast<std::uint64_t>(info.st_blocks) * kStatBlock; }

std::uint64_t beyond(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; }

// The inodes that the store has names for, among the objects of these packages and their plan: found by one stat each.
std::unordered_map<std::uint64_t, std::uint64_t> store_inodes(const Store& store, const Anchor& anchor, dev_t device) {
  std::vector<std::string> paths;
  std::vector<Sha256Digest> manifests;
  store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    for (const AnchoredPackage& package : anchor.packages) {
      if (const auto row = schema.packages.get(txn, package.artifact)) manifests.push_back(row->manifest);
    }
    if (const auto plan = schema.plans.get(txn, anchor.plan)) {
      for (std::size_t at = 0; at + 33 <= plan->objects.size(); at += 33) {
        const ObjectId id = ObjectIdCodec::decode(std::string_view(plan->objects).substr(at, 33));
        if (const auto row = schema.objects.get(txn, id)) paths.push_back(store.layout().object(row->segment, id));
      }
    }
  });
  for (const Sha256Digest& digest : manifests) {
    const Manifest manifest = read_manifest(store.layout(), digest);
    store.index().read([&](const ReadTxn& txn, const Schema& schema) {
      for_each_object(manifest, [&](const ObjectId& id, std::uint64_t) {
        if (const auto row = schema.objects.get(txn, id)) paths.push_back(store.layout().object(row->segment, id));
      });
    });
  }
  std::unordered_map<std::uint64_t, std::uint64_t> inodes;  // inode -> links
  for (const std::string& path : paths) {
    const auto info = stat_path(path);
    if (info && info->st_dev == device) inodes.emplace(info->st_ino, info->st_nlink);
  }
  return inodes;
}

struct SeenInode {
  struct stat info {};
  std::uint64_t names = 0;  // in this environment
};

}  // namespace

StoreUsage measure_store(const Store& store) {
  StoreUsage usage;
  std::unordered_map<Sha256Digest, std::uint64_t> package_bytes;
  store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    schema.objects.for_each(txn, [&](const ObjectId&, const ObjectRow& row) {
      ++usage.objects;
      usage.object_bytes += row.size;
    });
    schema.packages.for_each(txn, [&](const Sha256Digest& artifact, const PackageRow& row) {
      ++usage.packages;
      usage.package_bytes += row.content_bytes;
      usage.artifact_bytes += row.artifact_bytes;
      package_bytes[artifact] = row.content_bytes;
    });
  });
  for (const Root& root : list_roots(store)) {
    if (root.state == AnchorState::dead) continue;
    ++usage.environments;
    for (const AnchoredPackage& package : root.anchor.packages)
      usage.environment_bytes += package_bytes[package.artifact];
  }
  usage.saved_between_packages = beyond(usage.package_bytes, usage.object_bytes);
  usage.saved_between_environments = beyond(usage.environment_bytes, usage.object_bytes);
  return usage;
}

EnvironmentUsage measure_environment(const Store& store, const std::string& path) {
  const Root root = find_root(store, path);
  EnvironmentUsage usage;
  usage.path = absolute_path(path);
  const Fd directory = open_directory(path);
  const struct stat top = stat_fd(directory.get(), path);
  const auto inodes = store_inodes(store, root.anchor, top.st_dev);

  usage.directories = 1;
  usage.directory_bytes = allocated(top);
  std::unordered_map<std::uint64_t, SeenInode> seen;
  walk_tree(directory.get(), [&](const std::string&, const struct stat& info) {
    if (S_ISDIR(info.st_mode)) {
      ++usage.directories;
      usage.directory_bytes += allocated(info);
      return;
    }
    ++usage.files;
    usage.apparent_bytes += static_cast<std::uint64_t>(info.st_size);
    SeenInode& inode = seen[info.st_ino];
    inode.info = info;
    ++inode.names;
  });
  for (const auto& [number, inode] : seen) {
    const bool shared = inodes.contains(number);
    if (shared) {
      usage.shared_bytes += static_cast<std::uint64_t>(inode.info.st_size) * inode.names;
      // One name in the store, and the rest here: the last environment that holds it.
      if (inode.info.st_nlink == inode.names + 1) usage.freed_after_gc += allocated(inode.info);
    } else if (inode.info.st_nlink == inode.names) {
      usage.own_bytes += allocated(inode.info);
    }
  }
  usage.freed_by_removal = usage.own_bytes + usage.directory_bytes;
  return usage;
}

}  // namespace cas
