// The members of a ZIP file, read strictly: where two readers could see two different archives, it is
// refused.
//
// Our own code, because neither libzip 1.7 nor libarchive shows local headers or the offsets of members,
// so that local and central headers could not be compared nor overlaps found; and fetching single members
// by ranges needs the same code.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/base/digest.hpp"
#include "store/source/input_file.hpp"

namespace cas {

enum class ZipMethod : std::uint8_t { stored = 0, deflated = 8 };
enum class ZipType : std::uint8_t { file, directory };

struct ZipMember {
  std::string_view name;          // UTF-8, not empty, otherwise unchecked; a directory's ends in '/'
  std::uint64_t offset = 0;       // of the local header
  std::uint64_t end = 0;          // where what follows it begins
  std::uint64_t data_offset = 0;  // of the content, where it is present
  std::uint64_t compressed_size = 0;
  std::uint64_t size = 0;
  std::uint32_t crc32 = 0;
  std::uint16_t flags = 0;  // general purpose bits
  ZipMethod method = ZipMethod::stored;
  ZipType type = ZipType::file;
  Executable executable = Executable::no;  // any x bit of a Unix mode
  bool present = true;                     // false: of a file that has only parts, this is not one
};

inline constexpr std::uint64_t kMaxZipDirectoryBytes = 7ULL << 20;
inline constexpr std::uint64_t kMaxZipMembers = 80'000;

class ZipDirectory {
 public:
  // Reads the central directory and every local header, and checks (APPNOTE 6.3.10):
  // - local and central header agree in name, flags, method, CRC-32 and sizes (with a data descriptor the
  //   local values may be 0; the descriptor is checked); extra fields may differ;
  // - members lie one behind the other from byte 0 to the central directory, without overlap or gap, and
  //   the directory reaches to the end records;
  // - neither encryption nor a method other than stored and deflate, no second disk, no symbolic link,
  //   device or FIFO, no name in another encoding than UTF-8, no size that deflate could not reach.
  // Of a file that has only parts, local headers of members that are not present cannot be read; that there is room for them is still
  // checked.
  // Throws InvalidInput naming the member or the file, MissingBytes where parts of the directory itself are not there; SystemError where
  // reading fails.
  explicit ZipDirectory(const InputFile& file);

  // In the order of the central directory. Names point into this object.
  [[nodiscard]] std::span<const ZipMember> members() const { return members_; }

  // SHA-256 of the file's end, from the central directory on.
  [[nodiscard]] const Sha256Digest& digest() const { return digest_; }

  ZipDirectory(const ZipDirectory&) = delete;
  ZipDirectory& operator=(const ZipDirectory&) = delete;

 private:
  std::string directory_;
  Sha256Digest digest_;
  std::vector<ZipMember> members_;
};

}  // namespace cas
