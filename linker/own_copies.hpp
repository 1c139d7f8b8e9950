// Files that an environment has to itself, although a package of it brings them: its user may edit them (`cas unshare`).
//
// ENV/.cas/own names them. A path counts only as long as the environment's plan has the same object there: what another version
// brings takes its place like any edited file's.
//
// <own> ::= "casO" u16(version = 1) u32(n) (<path> 32 bytes SHA-256, u8 executable)*n
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "store/base/digest.hpp"

namespace cas {

// Path relative to the environment -> the object that the package brings.
using OwnCopies = std::map<std::string, ObjectId, std::less<>>;

[[nodiscard]] std::string encode_own_copies(const OwnCopies& copies);
// Throws Corruption.
[[nodiscard]] OwnCopies decode_own_copies(std::string_view bytes);

// `environment`: its open directory. None where there is no such file. Throws Corruption.
[[nodiscard]] OwnCopies read_own_copies(int environment);
// REQUIRES: the environment's lock is held. `path`: of the environment. Replaces the file by a rename; none: removes it.
void write_own_copies(const std::string& path, const OwnCopies& copies);

[[nodiscard]] bool is_own_copy(const OwnCopies& copies, std::string_view path, const ObjectId& object);

}  // namespace cas
