#include "store/packages/packages.hpp"

#include <algorithm>
#include <tuple>

#include "store/sys/file.hpp"

namespace cas {

std::vector<Package> list_packages(Index& index) {
  std::vector<Package> packages;
  index.read([&](const ReadTxn& txn, const Schema& schema) {
    schema.packages.for_each(txn, [&](const Sha256Digest& artifact, PackageRow row) {
      packages.push_back({artifact, std::move(row)});
    });
  });
  std::sort(packages.begin(), packages.end(), [](const Package& a, const Package& b) {
    return std::tie(a.row.normalized_name, a.row.version, a.row.file_name, a.artifact) <
           std::tie(b.row.normalized_name, b.row.version, b.row.file_name, b.artifact);
  });
  return packages;
}

std::optional<Package> find_package(Index& index, const Sha256Digest& artifact) {
  auto row = index.read([&](const ReadTxn& txn, const Schema& schema) { return schema.packages.get(txn, artifact); });
  if (!row) return std::nullopt;
  return Package{artifact, std::move(*row)};
}

std::optional<Package> find_whole_package(const StoreLayout& layout, Index& index, const Sha256Digest& artifact) {
  auto package = find_package(index, artifact);
  if (package && !stat_path(layout.manifest(package->row.manifest))) return std::nullopt;
  return package;
}

Manifest read_manifest(const StoreLayout& layout, const Sha256Digest& digest) {
  const std::string path = layout.manifest(digest);
  const auto bytes = try_read_file_at(kCurrentDirectory, path, kMaxManifestBytes);
  const char* const remedy = "`cas repair` brings it back; `cas verify` names its package";
  if (!bytes) throw Corruption("the manifest " + path + " is missing", remedy);
  if (sha256(*bytes) != digest) throw Corruption("the manifest " + path + " was changed", remedy);
  return with_context(path, [&] { return decode_manifest(*bytes); });
}

Manifest read_manifest(const StoreLayout& layout, const Package& package) {
  try {
    return read_manifest(layout, package.row.manifest);
  } catch (const Corruption& error) {
    const bool is_wheel = !package.row.normalized_name.starts_with('@');
    throw Corruption(package.row.name + " " + package.row.version + ": " + error.message(),
                     is_wheel ? "`cas repair` brings it back; so does `cas add " + package.row.file_name + "`"
                              : std::string("`cas repair` brings it back"));
  }
}

}  // namespace cas
