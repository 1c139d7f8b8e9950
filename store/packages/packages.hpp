// Looking packages up.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/index/index.hpp"
#include "store/objects/layout.hpp"
#include "store/packages/manifest.hpp"

namespace cas {

struct Package {
  Sha256Digest artifact;
  PackageRow row;
};

// Every package, ordered by name, version, file name.
[[nodiscard]] std::vector<Package> list_packages(Index& index);
[[nodiscard]] std::optional<Package> find_package(Index& index, const Sha256Digest& artifact);

// The same where its manifest is there: a package without one is to be read again by whoever has its wheel.
[[nodiscard]] std::optional<Package> find_whole_package(const StoreLayout& layout, Index& index,
                                                        const Sha256Digest& artifact);

// Reads manifests/<digest> and checks that the bytes have that digest. Throws Corruption (also when the file is
// missing), naming the file.
[[nodiscard]] Manifest read_manifest(const StoreLayout& layout, const Sha256Digest& digest);
// The same, naming the package, too.
[[nodiscard]] Manifest read_manifest(const StoreLayout& layout, const Package& package);

// Calls f(object id, size) for every non-empty file of the manifest.
template <class F>
void for_each_object(const Manifest& manifest, F&& f) {
  for (const PackageFile& file : manifest.files) {
    if (file.size > 0) f(file.object, file.size);
  }
}

}  // namespace cas
