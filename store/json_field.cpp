#include "store/json_field.hpp"

#include <nlohmann/json.hpp>

#include "store/base/error.hpp"

namespace cas {

Sha256Digest digest_field(const nlohmann::json& value) {
  const auto digest = Sha256Digest::from_hex(value.get<std::string>());
  if (!digest) throw Corruption("a digest in it is broken");
  return *digest;
}

std::uint64_t number_field(const nlohmann::json& value) {
  if (!value.is_number_unsigned()) throw Corruption("what must be a number from 0 in it is none");
  return value.get<std::uint64_t>();
}

}  // namespace cas
