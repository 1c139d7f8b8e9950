// Source archives (PEP 625 and what came before), unpacked.
//
// An archive is hostile until each member was looked at: libarchive reads it, and what is made on disk is decided here. No member's
// path leaves the root or goes through a link, no link leads out of it, there are only files, directories and links, and sizes and counts have
// limits. Files get mode 0644 or 0755, and keep their time, which some build systems compare.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cas {

struct UnpackLimits {
  std::uint64_t members = 500'000;
  std::uint64_t bytes = std::uint64_t{8} << 30;  // of all files together
};

struct UnpackedArchive {
  std::uint64_t files = 0, bytes = 0;
  // Where the project lies: the only directory at the root, else "".
  std::string top;
};

// .tar.gz, .tgz, .tar.bz2, .tar.xz, .tar, .zip (and the short spellings of pip): by the name alone.
[[nodiscard]] bool is_source_archive_name(std::string_view file_name);

// Unpacks the open file into the open, empty directory. `shown`: the archive, for messages. Throws InvalidInput naming the member that is refused, and
// for what libarchive cannot read; what was unpacked by then is the caller's to remove.
UnpackedArchive unpack_archive(int file, int directory, std::string_view shown, const UnpackLimits& limits = {});

}  // namespace cas
