// The content of a ZIP member.
//
// libdeflate is more than twice as fast as zlib and needs all of a member in memory: small members go to it, and large ones while
// there is room (all threads together use 36 MiB for that); what is larger still is streamed by zlib. Declared sizes are never believed: output stops at the declared size, and more or
// less of it, or compressed bytes left over, is an error. A member that is not present is MissingBytes.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "store/source/input_file.hpp"
#include "store/source/zip_directory.hpp"

namespace cas {

inline constexpr std::size_t kMaxWholeBytes = 4U << 20;   // of a small member
inline constexpr std::size_t kMaxLargeBytes = 36U << 20;  // for large ones, compressed and not

// Hands the content to `sink` in order, in non-empty pieces, and checks size and CRC-32. Throws
// InvalidInput naming the member; what `sink` got before must be thrown away. Thread-safe. Each thread
// keeps buffers of at most 8 MiB, which is why `sink` must not call this function.
void inflate_member(const InputFile& file, const ZipMember& member, const std::function<void(std::string_view)>& sink);

// The whole content, checked. Throws InvalidInput where it has more than `most` bytes.
[[nodiscard]] std::string read_member(const InputFile& file, const ZipMember& member, std::size_t most);

// The first bytes of the content, at most `count`, unchecked. Throws InvalidInput where they cannot be inflated.
[[nodiscard]] std::string peek_member(const InputFile& file, const ZipMember& member, std::size_t count);

}  // namespace cas
