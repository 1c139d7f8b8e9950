// Whether a change can be carried out, looked at before its journal makes it happen.
#pragma once

#include <string>

#include "linker/change_journal.hpp"

namespace cas {

// Throws Error naming every directory of the environment that the change would have to write and cannot, and why: permissions, a
// read-only or another filesystem, no directory at all; and every entry that is somebody else's in a sticky directory. `environment`:
// the open directory; `path`: its path, for messages.
void refuse_unchangeable(int environment, const std::string& path, const Change& change);

}  // namespace cas
