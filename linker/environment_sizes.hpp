// What an environment takes, by its plan: without looking at its files.
#pragma once

#include <cstdint>
#include <optional>

#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

// As it was made: what was added since is not counted, and allocated space is taken as one block for each small file and directory.
// store/usage.hpp measures.
struct PlannedSizes {
  std::uint64_t own_bytes = 0;     // allocated for what only it has, directories included
  std::uint64_t shared_bytes = 0;  // of contents that the store holds, too
};

// nullopt: its plan is not known any more.
[[nodiscard]] std::optional<PlannedSizes> planned_sizes(const Store& store, const Anchor& anchor);

}  // namespace cas
