// Collecting because the store's disk is nearly full, at the end of a command that filled it.
//
// Between two marks: below the first it begins, and it ends at the second. Only what nothing uses goes, the longest unused first.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "store/base/progress.hpp"
#include "store/gc.hpp"
#include "store/store.hpp"

namespace cas {

// Nobody waits longer for what he did not ask for. What is left goes next time.
inline constexpr std::chrono::seconds kAutomaticDuration{5};
// How long nobody tries again when nothing could be done.
inline constexpr std::chrono::minutes kAutomaticPause{10};

struct AutomaticGc {
  GcResult result;
  bool in_vain = false;  // less than min_free is free still, and a next time would do no better
};

// nullopt: min_free bytes are free, somebody else is collecting so, or it was in vain not long ago.
[[nodiscard]] std::optional<AutomaticGc> collect_automatically(const Store& store, std::uint64_t min_free,
                                                               std::uint64_t max_free, Progress& progress);

}  // namespace cas
