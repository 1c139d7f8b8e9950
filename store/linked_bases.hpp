// Base stores from which files were linked: the names that they have for them are no environment's, and hold nothing here.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace cas {

// So that collections know of it, with which no base store is named. Forgetting it costs space, never a file.
void remember_linked_base(const Store& store, const Store& base);

// The remembered ones, in no order.
[[nodiscard]] std::vector<std::string> linked_bases(const Store& store);

class BaseNames {
 public:
  explicit BaseNames(const Store& store) : store_(store) {}

  // How many names base stores have for the file of an object. Those that are not there, or not to be trusted, have none.
  [[nodiscard]] nlink_t of(const ObjectId& object, const struct stat& file);

 private:
  const Store& store_;
  std::optional<std::vector<Store>> bases_;  // opened when they are first asked
};

}  // namespace cas
