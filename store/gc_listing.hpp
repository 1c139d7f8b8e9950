// What a collection would take and what it would leave, one by one; nothing is changed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/base/digest.hpp"
#include "store/base/progress.hpp"
#include "store/gc.hpp"
#include "store/packages/packages.hpp"
#include "store/store.hpp"

namespace cas {

enum class GcSide { live, dead };

struct GcListing {
  struct Object {
    ObjectId id;
    std::uint32_t segment = 0;
    std::uint64_t bytes = 0;
  };
  std::vector<Package> packages;
  std::vector<GcPlan> plans;  // on the dead side: those whose packages stay
  std::vector<Object> objects;
  std::vector<std::string> warnings;
};

// By the policy of `options`. An object that nothing needs, but has other names on disk, is alive: it stays.
[[nodiscard]] GcListing list_side(const Store& store, const GcOptions& options, GcSide side, Progress& progress);

}  // namespace cas
