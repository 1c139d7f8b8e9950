// What a store lacks, from its base stores.
//
// Packages are taken over whole: objects by link, reflink or copy (object_taker.hpp), the manifest and the rows in one transaction, in
// the order in which ingest does it. Afterwards the store needs the base for them no more. Small facts that can be found again
// (memo.v1) are read where they are. For the command's own thread.
#pragma once

#include <optional>
#include <span>
#include <utility>

#include "store/packages/packages.hpp"
#include "store/store.hpp"

namespace cas {

// Takes over those of the packages that the store lacks and a base has. What is damaged in a base, or collected there just now, is
// looked for in the next one; the former is said by Store::warn(). Throws what concerns the store itself (SystemError such as ENOSPC,
// Interrupted), and what the bases' indexes throw. `threads`: 0: as many as CPUs.
void take_over_packages(const Store& store, std::span<const Sha256Digest> artifacts, unsigned threads);

// The package in the store, taken over if need be.
[[nodiscard]] std::optional<Package> obtain_package(const Store& store, const Sha256Digest& artifact);
// The same without taking anything over: for a store that may not be changed, or a look ahead.
[[nodiscard]] std::optional<Package> find_package_anywhere(const Store& store, const Sha256Digest& artifact);

// The first of the store's and its bases' rows in memo.v1 of which `read(value)`, an optional, makes something.
template <class F>
auto first_remembered(const Store& store, const Sha256Digest& key, F&& read) -> decltype(read(std::string())) {
  const auto look = [&](const Store& at) {
    auto value = at.index().read([&](const ReadTxn& txn, const Schema& schema) { return schema.memo.get(txn, key); });
    return value ? read(*value) : decltype(read(std::string()))();
  };
  auto found = look(store);
  if (found) return found;
  for (const Store& base : store.bases()) {
    if ((found = look(base))) return found;
  }
  return found;
}

}  // namespace cas
