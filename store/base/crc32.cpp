#include "store/base/crc32.hpp"

#include <libdeflate.h>

namespace cas {

void Crc32::update(std::string_view bytes) { value_ = libdeflate_crc32(value_, bytes.data(), bytes.size()); }

std::uint32_t crc32_of(std::string_view bytes) { return libdeflate_crc32(0, bytes.data(), bytes.size()); }

}  // namespace cas
