// What became of an environment's packages.
#pragma once

#include <string>

namespace cas {

struct PackageStep {
  std::string name;    // as METADATA spells it
  std::string before;  // version; "": it was not there
  std::string after;   // version; "": it is no longer there
  bool operator==(const PackageStep&) const = default;
};

}  // namespace cas
