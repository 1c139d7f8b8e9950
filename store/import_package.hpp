// A package from another store, by its directory: nothing is written there, and its index is not opened.
#pragma once

#include <string>

#include "store/base/digest.hpp"
#include "store/store.hpp"

namespace cas {

// Whether the package is in `store` now. The other store is believed in nothing but what the package is called and where its files belong: the
// manifest has the digest that its name says, and every byte is hashed. false: the other store has no such package, or not all of it.
// Throws NotFound where no store is.
[[nodiscard]] bool import_package(const Store& store, const std::string& other, const Sha256Digest& artifact);

// Whether the other store has the package's manifest: for those who only want to know. Throws the same.
[[nodiscard]] bool may_import_package(const std::string& other, const Sha256Digest& artifact);

// The directory of another store. Throws NotFound where there is none.
[[nodiscard]] StoreLayout other_store(const std::string& path);

}  // namespace cas
