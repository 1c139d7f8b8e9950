// A ZIP file of a few texts, for other programs to read.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cas {

// Writes the members, paths with their contents, into the open and empty `file`, in this order. `shown`: for messages. Throws
// Error with what libarchive says.
void write_zip(int file, const std::vector<std::pair<std::string, std::string>>& members, std::string_view shown);

}  // namespace cas
