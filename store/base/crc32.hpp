// CRC-32 as ZIP and gzip have it (ISO 3309): against decay, never against an adversary.
#pragma once

#include <cstdint>
#include <string_view>

namespace cas {

class Crc32 {
 public:
  void update(std::string_view bytes);
  [[nodiscard]] std::uint32_t value() const { return value_; }

 private:
  std::uint32_t value_ = 0;
};

[[nodiscard]] std::uint32_t crc32_of(std::string_view bytes);

}  // namespace cas
