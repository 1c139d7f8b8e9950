// Whether this process may change a directory, asked beforehand: an answer of the moment, for messages and refusals, not for safety.
#pragma once

#include <sys/stat.h>

#include <string>

namespace cas {

// Why no entry of the directory can be made, renamed or removed: an error number (EACCES, EROFS, ...) as the system would give it to
// the effective user, or 0. Follows no symbolic link in the last component's place.
[[nodiscard]] int directory_write_problem(int dir, const std::string& path);

// Whether the entry could not be renamed or removed although its directory can be written: a sticky one, of which only owners may take.
[[nodiscard]] bool is_protected_by_sticky(const struct stat& directory, const struct stat& entry);

}  // namespace cas
