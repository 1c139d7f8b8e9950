// A store: where it lies, its index, and how durable its writes are. The operations on it are functions of their
// own files: ingest.hpp, roots.hpp, gc.hpp, verify.hpp, usage.hpp, rebuild.hpp.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "store/index/index.hpp"
#include "store/objects/layout.hpp"
#include "store/sys/durability.hpp"
#include "store/sys/lock.hpp"

namespace cas {

struct StoreOptions {
  std::string path;             // the store's directory, created if needed
  std::string index_directory;  // "": <path>/index
  Durability durability = Durability::batch;
  bool must_exist = false;  // commands that only look: a mistyped path must not become an empty store
  bool rebuilding = false;  // a lost index is no error: it is about to be made again
};

class Store {
 public:
  // Opens the store, creating it if `path` does not exist or is empty. Throws UsageError where `path` holds something
  // else, Error for a store of another version (naming both), what Index::open throws.
  [[nodiscard]] static Store open(const StoreOptions& options);

  [[nodiscard]] const StoreLayout& layout() const { return layout_; }
  [[nodiscard]] Index& index() const { return *index_; }
  [[nodiscard]] const std::string& index_directory() const { return index_directory_; }
  [[nodiscard]] Durability durability() const { return durability_; }

  // Held while a package is committed or an anchor is written (shared), and while the collector takes a batch
  // (exclusive). Never for longer than that.
  [[nodiscard]] FileLock lock_gc(LockMode mode) const { return FileLock::acquire(layout_.gc_lock(), mode); }

 private:
  Store(StoreLayout layout, std::string index_directory, Durability durability);

  StoreLayout layout_;
  std::string index_directory_;
  Durability durability_;
  std::unique_ptr<Index> index_;
};

// Makes the directories and the version file of a store without opening its index. For rebuild.hpp.
void prepare_store_directories(const StoreLayout& layout);

// Where an object's file lies; nullopt: not in the index.
[[nodiscard]] std::optional<ObjectRow> find_object(const Store& store, const ObjectId& id);
// Opens an object for reading. Throws Corruption naming it when the index or its file does not have it.
[[nodiscard]] Fd open_object(const Store& store, const ObjectId& id);

}  // namespace cas
