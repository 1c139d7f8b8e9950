// The store of commands that make environments.
#pragma once

#include <optional>

#include "cli/command.hpp"
#include "linker/temporary_store.hpp"
#include "store/store.hpp"

namespace cas {

// The user's, made where there is none. For a dry run nothing is made there: then an empty one stands for it, in a directory for
// temporary files.
class StoreForMaking {
 public:
  StoreForMaking(const Context& context, bool dry_run);

  [[nodiscard]] const Store& store() const { return store_ ? *store_ : temporary_->store(); }

 private:
  std::optional<Store> store_;
  std::optional<TemporaryStore> temporary_;  // where there is no other
};

}  // namespace cas
