// What the store and the environments take on disk.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

struct StoreUsage {
  std::uint64_t objects = 0;
  std::uint64_t object_bytes = 0;  // sizes of their content
  std::uint64_t packages = 0;
  std::uint64_t package_bytes = 0;  // what the packages would take, each with copies of its own
  std::uint64_t artifact_bytes = 0;
  std::uint64_t environments = 0;
  std::uint64_t environment_bytes = 0;  // what the environments would take, each with copies of its own
  // package_bytes - object_bytes, and environment_bytes - object_bytes where positive.
  std::uint64_t saved_between_packages = 0;
  std::uint64_t saved_between_environments = 0;
};

struct EnvironmentUsage {
  std::string path;
  std::uint64_t files = 0;
  std::uint64_t directories = 0;
  std::uint64_t apparent_bytes = 0;    // sizes of its files, as a copy would take
  std::uint64_t shared_bytes = 0;      // of these, in inodes that the store holds, too
  std::uint64_t own_bytes = 0;         // allocated for files that only it has
  std::uint64_t directory_bytes = 0;   // allocated for its directories
  std::uint64_t freed_by_removal = 0;  // own_bytes + directory_bytes: what removing it gives back at once
  std::uint64_t freed_after_gc = 0;    // and what `cas gc` could give back then: objects no other environment holds
};

[[nodiscard]] StoreUsage measure_store(const Store& store);
// Walks the environment. Throws NotFound.
[[nodiscard]] EnvironmentUsage measure_environment(const Store& store, const std::string& path);

}  // namespace cas
