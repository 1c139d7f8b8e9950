// The form of bytecode files, and what their content depends on. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/base/digest.hpp"

namespace cas {

// What bytecode depends on beside its source.
struct BytecodeFormat {
  std::string implementation;      // "cpython"
  std::string cache_tag;           // "cpython-312": part of the file's name
  std::string magic;               // 8 hexadecimal digits: the first four bytes of the file
  std::uint32_t header_bytes = 0;  // 12 before Python 3.7, else 16
};

// The format as text, for keys: "cpython cpython-312 cb0d0d0a 16 0", the last being the optimisation level.
[[nodiscard]] std::string bytecode_identity(const BytecodeFormat& format);
// The back of bytecode_identity(). nullopt: "" or no such text.
[[nodiscard]] std::optional<BytecodeFormat> parse_bytecode_identity(std::string_view identity);

// What stands in front of the marshalled code for a source of this size and time.
[[nodiscard]] std::string bytecode_header(const BytecodeFormat& format, std::int64_t mtime, std::uint64_t size);

// Larger sources are left to Python.
inline constexpr std::uint64_t kMostSourceBytes = std::uint64_t{16} << 20;

struct BytecodeSource {
  ObjectId object;         // empty_digest(): an empty file, which is no object
  std::uint64_t size = 0;  // bytes
};

struct BytecodeFile {
  ObjectId object;
  std::uint64_t size = 0;
};

}  // namespace cas
