// Gives objects of the store names in an environment: hard link, else reflink, else copy, decided per file.
//
// A fall for one file never downgrades the others, and how many went which way is counted.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "linker/environment.hpp"
#include "linker/plan.hpp"
#include "store/store.hpp"

namespace cas {

// place() is thread-safe as long as each thread counts for itself.
class ObjectLinker {
 public:
  // Opens the segments that the plan's files lie in. The plan must outlive this object.
  ObjectLinker(const Store& store, const Plan& plan, LinkMode mode);

  // Places the object of `file` as `name` in the open directory. Where the plan's hint is outdated the index is asked. Throws
  // Corruption where the store does not have the object, SystemError where no way works.
  void place(const PlanFile& file, int directory, const char* name, LinkCounts& counts);

 private:
  // false: the object does not lie in this segment.
  [[nodiscard]] bool place_from(std::uint32_t number, const PlanFile& file, int directory, const char* name,
                                LinkCounts& counts);
  [[nodiscard]] bool clone_or_copy(int from_dir, const char* object, const PlanFile& file, int directory,
                                   const char* name, LinkCounts& counts);
  void take_over_with_fresh_inode(std::uint32_t number, const char* object, const PlanFile& file);

  const Store& store_;
  const Plan& plan_;
  LinkMode mode_;
  std::unordered_map<std::uint32_t, Fd> segments_;  // fixed once constructed
};

}  // namespace cas
