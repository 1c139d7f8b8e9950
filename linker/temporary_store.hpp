// An empty store that goes again: for a dry run where there is no store yet.
#pragma once

#include <string>

#include "store/store.hpp"
#include "store/sys/publish.hpp"

namespace cas {

class TemporaryStore {
 public:
  // In a new directory below `parent`, which exists.
  explicit TemporaryStore(const std::string& parent)
      : directory_(parent), store_(Store::open({directory_.path() + "/store", "", Durability::none})) {}

  [[nodiscard]] const Store& store() const { return store_; }

 private:
  StagingDirectory directory_;  // goes last, with everything in it
  Store store_;
};

}  // namespace cas
