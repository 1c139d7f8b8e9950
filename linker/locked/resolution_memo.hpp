// Locks that were found for a question, remembered in the index.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "store/base/digest.hpp"
#include "store/store.hpp"

namespace cas {

// The text of the lock, if it is not older than `max_age`.
[[nodiscard]] std::optional<std::string> remembered_lock(const Store& store, const Sha256Digest& question,
                                                         std::chrono::seconds max_age);
// An index that is read-only remembers nothing.
void remember_lock(const Store& store, const Sha256Digest& question, const std::string& text);

}  // namespace cas
