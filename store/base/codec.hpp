// Bytes of our own formats: big-endian integers, so that byte order is number order, and strings with
// their length in front.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/base/digest.hpp"
#include "store/base/error.hpp"

namespace cas {

// Appends to a string. <string> ::= u32 length, bytes.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  void u8(std::uint8_t value) { out_ += static_cast<char>(value); }
  void u16(std::uint16_t value) { integer(value); }
  void u32(std::uint32_t value) { integer(value); }
  void u64(std::uint64_t value) { integer(value); }
  void raw(std::string_view bytes) { out_ += bytes; }
  void string(std::string_view bytes) {
    u32(static_cast<std::uint32_t>(bytes.size()));
    raw(bytes);
  }
  void digest(const Sha256Digest& digest) { raw(digest.raw()); }
  void object(const ObjectId& id) {
    digest(id.digest);
    u8(static_cast<std::uint8_t>(id.executable));
  }

 private:
  template <class T>
  void integer(T value) {
    char bytes[sizeof(T)];
    for (std::size_t i = sizeof(T); i-- > 0;) {
      bytes[i] = static_cast<char>(value & 0xFF);
      value = static_cast<T>(value >> 8);
    }
    out_.append(bytes, sizeof bytes);
  }

  std::string& out_;
};

// Reads what ByteWriter wrote. Views point into the buffer given. Throws Corruption when the bytes end
// too early, so a damaged record is an error and never an out-of-bounds read.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t u8() { return integer<std::uint8_t>(); }
  std::uint16_t u16() { return integer<std::uint16_t>(); }
  std::uint32_t u32() { return integer<std::uint32_t>(); }
  std::uint64_t u64() { return integer<std::uint64_t>(); }
  std::string_view raw(std::size_t count) {
    if (count > rest_.size()) throw Corruption("a record ends too early");
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }
  std::string_view string() { return raw(u32()); }
  Sha256Digest digest() { return Sha256Digest::from_raw(raw(32)); }
  ObjectId object() {
    ObjectId id;
    id.digest = digest();
    const std::uint8_t executable = u8();
    if (executable > 1) throw Corruption("a record holds an executable bit that is neither 0 nor 1");
    id.executable = static_cast<Executable>(executable);
    return id;
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] std::size_t remaining() const { return rest_.size(); }

 private:
  template <class T>
  T integer() {
    const std::string_view bytes = raw(sizeof(T));
    T value = 0;
    for (char c : bytes)
      value = static_cast<T>((static_cast<std::uint64_t>(value) << 8) | static_cast<unsigned char>(c));
    return value;
  }

  std::string_view rest_;
};

}  // namespace cas
