// A wheel as a Source: the binary distribution format of the PyPA specifications (PEP 427, 491, 639),
// RECORD (PEP 376, 627), entry points, and METADATA (core metadata).
//
// A wheel is hostile until it was checked; docs/wheels.md lists what is refused and what untidiness is
// accepted. Opening checks everything that can be known without reading the members' content.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/source/source.hpp"

namespace cas {

// How far RECORD's statements about content bind.
enum class RecordPolicy {
  // A wrong SHA-256 or size in RECORD is an error: nothing else vouches for the bytes.
  strict,
  // The artifact's own SHA-256 was pinned and found right, so a wrong hash or size in RECORD is a warning
  // and the real digest is used. Everything else is as strict as ever.
  artifact_pinned
};

// Opens the wheel at `path`, whose base name must be a wheel file name (PEP 427).
// Throws InvalidInput naming the wheel's fault and the member, SystemError where reading fails.
[[nodiscard]] std::unique_ptr<Source> open_wheel(const std::string& path, RecordPolicy policy);

// As above over a descriptor that is read with pread (so it can be hashed and read as one file, whatever
// happens to the path meanwhile). `file_name` is the wheel's base name. The descriptor must outlive the source.
[[nodiscard]] std::unique_ptr<Source> open_wheel(int fd, const std::string& file_name, RecordPolicy policy);

// As above, of a wheel that has only `parts`, which must outlive the source: strict, and every file must have a hash in RECORD.
// Throws MissingBytes, too.
[[nodiscard]] std::unique_ptr<Source> open_wheel_parts(int fd, const std::string& file_name, const ByteRanges& parts);

// What a wheel's end tells, of one that has only `parts`.
struct WheelOutline {
  Sha256Digest directory;          // see ListingDigests
  std::vector<ByteRange> opening;  // the members that are read when it is opened
};
// Throws InvalidInput, MissingBytes where the central directory is not there as a whole.
[[nodiscard]] WheelOutline outline_wheel(int fd, const std::string& file_name, const ByteRanges& parts);

}  // namespace cas
