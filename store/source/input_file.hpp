// A regular file that is read by offset.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "store/base/byte_ranges.hpp"
#include "store/base/error.hpp"
#include "store/sys/fd.hpp"

namespace cas {

// Bytes of a file of which only parts are there were asked for, and are not among them.
class MissingBytes : public InvalidInput {
 public:
  explicit MissingBytes(ByteRange range);
  [[nodiscard]] ByteRange range() const { return range_; }

 private:
  ByteRange range_;
};

// The size is taken once, at the beginning. Reading is thread-safe: there is no file position.
class InputFile {
 public:
  // Opens `path`. `name` is for later messages. Throws SystemError; InvalidInput if it is not a regular file.
  InputFile(const std::string& path, std::string name);
  // Uses `fd`, which must outlive this object and is not closed.
  InputFile(int fd, std::string name);
  // Of the file only the bytes `parts` are there (the others are holes). `parts` must outlive this object.
  InputFile(int fd, std::string name, const ByteRanges& parts);
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_whole() const { return parts_ == nullptr; }
  [[nodiscard]] bool has(ByteRange range) const { return parts_ == nullptr || parts_->contains(range); }

  // Reads exactly `count` bytes at `offset`. Throws SystemError; InvalidInput where the file ends before
  // (somebody shortened it meanwhile, or a header points outside); MissingBytes.
  void read(std::uint64_t offset, char* out, std::size_t count) const;

 private:
  void take_size();

  std::string name_;
  Fd owned_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
  const ByteRanges* parts_ = nullptr;
};

}  // namespace cas
