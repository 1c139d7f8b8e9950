// A regular file that is read by offset.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "store/sys/fd.hpp"

namespace cas {

// The size is taken once, at the beginning. Reading is thread-safe: there is no file position.
class InputFile {
 public:
  // Opens `path`. `name` is for later messages. Throws SystemError; InvalidInput if it is not a regular file.
  InputFile(const std::string& path, std::string name);
  // Uses `fd`, which must outlive this object and is not closed.
  InputFile(int fd, std::string name);
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::string& name() const { return name_; }

  // Reads exactly `count` bytes at `offset`. Throws SystemError; InvalidInput where the file ends before
  // (somebody shortened it meanwhile, or a header points outside).
  void read(std::uint64_t offset, char* out, std::size_t count) const;

 private:
  void take_size();

  std::string name_;
  Fd owned_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace cas
