// A file that the user named for a result.
#pragma once

#include <string>
#include <string_view>

namespace cas {

// Puts `bytes` where `path` leads, symbolic links followed, as a shell's `>` would: a regular file is replaced in one step and keeps its
// permissions, a new one gets those that the umask leaves; into a device or a FIFO it is written. Durable; a failure leaves what was
// there. Throws SystemError.
void write_output_file(const std::string& path, std::string_view bytes);

}  // namespace cas
