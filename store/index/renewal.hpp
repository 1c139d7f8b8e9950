// The index as a file that nobody has open.
#pragma once

#include <sys/types.h>

#include <string>

namespace cas {

// Puts a copy of the data file in its place that belongs to `owner` and has `mode`, holding the index's lock exclusively. Who has the old one open
// writes into nowhere; commands that have it open get an Error, as after Index::destroy(). No index is no error. Throws SystemError.
void renew_index(const std::string& directory, uid_t owner, mode_t mode);

}  // namespace cas
