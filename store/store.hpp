// A store: where it lies, its index, and how durable its writes are. The operations on it are functions of their
// own files: ingest.hpp, roots.hpp, gc.hpp, verify.hpp, usage.hpp, rebuild.hpp.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "store/index/index.hpp"
#include "store/objects/layout.hpp"
#include "store/ownership.hpp"
#include "store/sys/durability.hpp"
#include "store/sys/lock.hpp"

namespace cas {

struct StoreOptions {
  std::string path;             // the store's directory, created if needed
  std::string index_directory;  // "": <path>/index
  Durability durability = Durability::batch;
  bool must_exist = false;  // commands that only look: a mistyped path must not become an empty store
  bool rebuilding = false;  // a lost index is no error: it is about to be made again
  Trust trust = Trust::checked;
};

class Store {
 public:
  // Opens the store, creating it if `path` does not exist or is empty. Throws UsageError where `path` holds something
  // else, Error for a store of another version (naming both), what look_at_ownership() and Index::open throw.
  [[nodiscard]] static Store open(const StoreOptions& options);

  [[nodiscard]] const StoreLayout& layout() const { return layout_; }
  [[nodiscard]] Index& index() const { return *index_; }
  [[nodiscard]] const std::string& index_directory() const { return index_directory_; }
  [[nodiscard]] Durability durability() const { return durability_; }

  [[nodiscard]] const StoreOwnership& ownership() const { return ownership_; }
  // nullopt: this user may change the store. Else commands that only look work, as far as their files can be read.
  [[nodiscard]] const std::optional<LookingOnly>& looking_only() const { return looking_only_; }
  // Throws Error where he may not: before anything is begun.
  void require_writable() const;

  // Held while a package is committed or an anchor is written (shared), and while the collector takes a batch
  // (exclusive). Never for longer than that.
  [[nodiscard]] FileLock lock_gc(LockMode mode) const { return FileLock::acquire(layout_.gc_lock(), mode); }

 private:
  Store(StoreLayout layout, std::string index_directory, StoreOwnership ownership, Durability durability);

  StoreLayout layout_;
  std::string index_directory_;
  StoreOwnership ownership_;
  std::optional<LookingOnly> looking_only_;
  Durability durability_;
  std::unique_ptr<Index> index_;
};

// Looks at whose the store is (look_at_ownership), and makes its directories and its version file, without opening its index. For rebuild.hpp.
StoreOwnership prepare_store_directories(StoreLayout& layout, const std::string& index_directory, Trust trust);

// Where an object's file lies; nullopt: not in the index.
[[nodiscard]] std::optional<ObjectRow> find_object(const Store& store, const ObjectId& id);
// Opens an object for reading. Throws Corruption naming it when the index or its file does not have it.
[[nodiscard]] Fd open_object(const Store& store, const ObjectId& id);

}  // namespace cas
