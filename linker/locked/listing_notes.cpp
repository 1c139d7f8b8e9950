#include "linker/locked/listing_notes.hpp"

#include "store/packages/packages.hpp"

namespace cas {

void note_listings(const Store& store, Pylock& lock) {
  for (LockedPackage& package : lock.packages) {
    for (const LockedFile& wheel : package.wheels) {
      const auto digest = wheel.sha256();
      const auto stored = digest ? find_package(store.index(), *digest) : std::nullopt;
      if (!stored || stored->row.record_differs) continue;
      const Manifest manifest = read_manifest(store.layout(), stored->row.manifest);
      if (manifest.listing && !manifest.assembled) package.listings.insert_or_assign(wheel.name, *manifest.listing);
    }
  }
}

void name_whole_wheels(const Store& store, Anchor& anchor) {
  for (AnchoredPackage& package : anchor.packages) {
    const auto stored = find_package(store.index(), package.artifact);
    if (!stored) continue;
    const Manifest manifest = read_manifest(store.layout(), stored->row.manifest);
    if (manifest.assembled) package.artifact = *manifest.assembled;
  }
}

}  // namespace cas
