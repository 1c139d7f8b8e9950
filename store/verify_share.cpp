#include "store/verify_share.hpp"

#include <charconv>
#include <cmath>

namespace cas {
namespace {

constexpr std::uint32_t kMostParts = 1'000'000;

std::uint64_t leading_bits(const Sha256Digest& digest) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof bits; ++i) bits = (bits << 8) | digest.bytes[i];
  return bits;
}

// SplitMix64: every bit of a seed decides about every object.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15U;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

VerifyShare VerifyShare::part(std::uint32_t number, std::uint32_t parts) {
  VerifyShare share;
  share.kind_ = parts == 1 ? Kind::all : Kind::part;
  share.number_ = number;
  share.parts_ = parts;
  return share;
}

VerifyShare VerifyShare::random(double percent, std::uint64_t seed) {
  VerifyShare share;
  share.kind_ = percent >= 100 ? Kind::all : Kind::random;
  share.below_ = static_cast<std::uint64_t>(std::ldexp(percent / 100, 63)) * 2;
  share.seed_ = seed;
  return share;
}

bool VerifyShare::has(const ObjectId& id) const {
  switch (kind_) {
    case Kind::all:
      return true;
    case Kind::part:
      return leading_bits(id.digest) % parts_ == number_ - 1;
    case Kind::random:
      return mixed(leading_bits(id.digest) ^ seed_) < below_;
  }
  return true;
}

std::optional<VerifyShare> parse_verify_share(std::string_view text, std::uint64_t seed) {
  if (text.ends_with('%')) {
    const auto percent = parse_number<double>(text.substr(0, text.size() - 1));
    if (!percent || !(*percent > 0 && *percent <= 100)) return std::nullopt;
    return VerifyShare::random(*percent, seed);
  }
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto number = parse_number<std::uint32_t>(text.substr(0, slash));
  const auto parts = parse_number<std::uint32_t>(text.substr(slash + 1));
  if (!number || !parts || *number < 1 || *number > *parts || *parts > kMostParts) return std::nullopt;
  return VerifyShare::part(*number, *parts);
}

}  // namespace cas
