// The records of a ZIP file (PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5), one by one. zip_directory.hpp puts
// them together.
#pragma once

#include <cstdint>
#include <string_view>

#include "store/source/input_file.hpp"

namespace cas::zip {

inline constexpr std::size_t kLocalHeaderBytes = 30;
inline constexpr std::uint16_t kFlagDescriptor = 1U << 3;
inline constexpr std::uint16_t kFlagUtf8 = 1U << 11;

// Little-endian integers. REQUIRES: enough bytes.
[[nodiscard]] std::uint16_t le16(const char* bytes);
[[nodiscard]] std::uint32_t le32(const char* bytes);
[[nodiscard]] std::uint64_t le64(const char* bytes);

// Where the central directory lies, from the end record and, where there is one, the zip64 end record.
struct End {
  std::uint64_t members = 0;
  std::uint64_t directory_offset = 0;
  std::uint64_t directory_size = 0;
};

// Finds and checks the end records (4.3.14 to 4.3.16). An archive comment may hold anything, also the
// signature; only a record whose comment ends exactly where the file ends counts, and there must be one
// such record. The directory it tells of ends where the first end record begins. Throws InvalidInput.
[[nodiscard]] End find_end(const InputFile& file);

// What local and central header both say about a member; 64-bit values of zip64 fields are put in.
struct Header {
  std::string_view name;
  std::string_view extra;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t crc32 = 0;
  std::uint64_t compressed_size = 0;
  std::uint64_t size = 0;
};

struct CentralHeader : Header {
  std::uint8_t host = 0;  // "version made by", upper byte: 0 is DOS, 3 is Unix
  std::uint32_t external_attributes = 0;
  std::uint64_t local_offset = 0;
};

// Takes one record off the front of `directory`. Throws InvalidInput.
[[nodiscard]] CentralHeader take_central_header(std::string_view& directory);

// Bytes that the local header at the front of `bytes` takes, with name and extra fields.
// REQUIRES: kLocalHeaderBytes bytes. Throws InvalidInput naming `name` unless it has the signature.
[[nodiscard]] std::size_t local_header_size(std::string_view bytes, std::string_view name);

// REQUIRES: local_header_size() bytes. Throws InvalidInput naming `name`.
[[nodiscard]] Header parse_local_header(std::string_view bytes, std::string_view name);

// Whether `bytes`, all there is between the data and what follows, is a data descriptor (4.3.9) with the
// values of `header`: with or without signature, sizes in 32 or 64 bits.
[[nodiscard]] bool is_descriptor_of(std::string_view bytes, const Header& header);

}  // namespace cas::zip
