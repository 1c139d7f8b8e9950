// Which machine this is, for records that several machines may read.
#pragma once

#include <string>

namespace cas {

// "machine:" or "boot:" and 32 hexadecimal digits, a hash of the machine's id (/etc/machine-id, which must not be published as it
// is: machine-id(5)), or, where there is none, as in most containers, of the running kernel's boot id. "": neither can be read.
// Equal on the same machine; with "boot:" only until it starts anew.
[[nodiscard]] std::string host_identity();

}  // namespace cas
