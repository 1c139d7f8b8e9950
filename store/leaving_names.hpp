// How many names each file has in environments that the caller of a dry run would have removed before.
#pragma once

#include <sys/stat.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "store/roots.hpp"

namespace cas {

class LeavingNames {
 public:
  // `leaving`: ids of the anchors of those environments. One that cannot be opened has no names.
  LeavingNames(const std::vector<Root>& roots, const std::vector<std::string>& leaving);

  // 0 for a file that is in none of them.
  [[nodiscard]] nlink_t of(const struct stat& file) const;

 private:
  std::map<std::pair<dev_t, ino_t>, nlink_t> names_;
};

}  // namespace cas
