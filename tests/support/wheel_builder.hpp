// Makes ZIP files and wheels for tests, well-formed ones and every kind of broken one.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cas::test {

enum class DescriptorForm { none, with_signature, plain, with_signature_64, plain_64 };

// One member. What the headers say follows from name, content and options; the functions at the end change
// single header fields afterwards.
struct ZipEntry {
  std::string name;
  std::string content;
  std::uint16_t method = 8;  // 0 stored, 8 deflate; others: the content as it is
  std::uint16_t flags = 0;
  std::uint8_t host = 3;
  std::uint32_t mode = 0100644;
  std::uint32_t dos_attributes = 0;
  DescriptorForm descriptor = DescriptorForm::none;
  std::optional<std::string> descriptor_bytes;  // in place of the right ones
  bool local_values_with_descriptor = false;    // instead of 0
  bool zip64 = false;                           // sizes (and offset) in zip64 fields
  std::string local_extra;
  std::string central_extra;
  std::string comment;
  std::string gap_before;                      // bytes between the member before and this one
  std::optional<std::string> raw_data;         // compressed data as given
  std::optional<std::uint64_t> declared_size;  // in both headers
  std::optional<std::uint64_t> declared_compressed;
  std::optional<std::uint32_t> declared_crc;
  std::optional<std::uint64_t> central_offset;            // of the local header, as the central directory says
  std::function<void(std::string& header)> edit_local;    // 30 bytes, name, extra
  std::function<void(std::string& header)> edit_central;  // 46 bytes, name, extra, comment
};

struct ZipImage {
  std::deque<ZipEntry> entries;
  std::string prefix;          // before the first member; offsets count it
  std::string before_central;  // between the last member and the central directory
  std::string after_central;   // between central directory and end record
  std::string comment;
  std::string trailing;
  bool zip64_end = false;
  std::string zip64_extensible;
  std::function<void(std::string& end)> edit_end;                            // 22 bytes, comment
  std::function<void(std::string& end64, std::string& locator)> edit_end64;  // 56 + extensible, 20 bytes

  ZipEntry& add(std::string name, std::string content = {});
  [[nodiscard]] ZipEntry& at(std::string_view name);
  [[nodiscard]] std::string bytes() const;
};

// Overwrites little-endian integers in a header.
void put16(std::string& header, std::size_t offset, std::uint16_t value);
void put32(std::string& header, std::size_t offset, std::uint32_t value);
void put64(std::string& header, std::size_t offset, std::uint64_t value);
// <id, length, data>
[[nodiscard]] std::string extra_field(std::uint16_t id, std::string_view data);
[[nodiscard]] std::string deflated(std::string_view content);

// A wheel: METADATA, WHEEL and RECORD are made from the rest, unless replaced.
struct WheelBuilder {
  std::string file_name = "demo-1.0-py3-none-any.whl";
  std::string dist_info = "demo-1.0.dist-info";
  ZipImage zip;  // the files
  std::optional<std::string> metadata = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n";
  std::optional<std::string> wheel = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
  bool has_record = true;
  std::optional<std::string> record;  // in place of the right one
  std::string more_record;            // behind the rows
  std::function<void(std::string& rows)> edit_record;
  std::function<void(ZipImage&)> edit_zip;  // at the end, with .dist-info in it

  ZipEntry& add(std::string name, std::string content = {}) { return zip.add(std::move(name), std::move(content)); }
  ZipEntry& add_info(const std::string& name, std::string content) {
    return zip.add(dist_info + "/" + name, std::move(content));
  }
  [[nodiscard]] std::string bytes() const;
};

// An anonymous file in memory with `bytes`.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

// Writes `bytes` to `path`.
void write_test_file(const std::string& path, std::string_view bytes);

}  // namespace cas::test
