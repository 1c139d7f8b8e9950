// The source distribution that a package of the store was built from. The digest of what was built is known to nobody else: another
// tool can only be told what it was built from.
#pragma once

#include <string>

#include "store/base/digest.hpp"

namespace cas {

struct BuiltFrom {
  std::string file_name;
  std::string url;  // where it lay, also a file: URL; without credentials
  Sha256Digest sha256;
  bool operator==(const BuiltFrom&) const = default;
};

}  // namespace cas
