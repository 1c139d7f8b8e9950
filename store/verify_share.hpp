// Which part of the objects a verification looks at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/base/digest.hpp"

namespace cas {

// All of them, the n-th of t parts, or a random share. Parts are told by the digest: each object is in exactly one of the t, and stays
// there, so that t runs look at everything.
class VerifyShare {
 public:
  VerifyShare() = default;
  // REQUIRES: 1 <= number <= parts.
  [[nodiscard]] static VerifyShare part(std::uint32_t number, std::uint32_t parts);
  // REQUIRES: 0 < percent <= 100. `seed` chooses which.
  [[nodiscard]] static VerifyShare random(double percent, std::uint64_t seed);

  [[nodiscard]] bool is_all() const { return kind_ == Kind::all; }
  [[nodiscard]] bool has(const ObjectId& id) const;

 private:
  enum class Kind { all, part, random };
  Kind kind_ = Kind::all;
  std::uint32_t number_ = 1, parts_ = 1;
  std::uint64_t below_ = 0, seed_ = 0;
};

// "3/10", or "5%", which may have a fraction ("0.5%"). nullopt: neither.
[[nodiscard]] std::optional<VerifyShare> parse_verify_share(std::string_view text, std::uint64_t seed);

}  // namespace cas
