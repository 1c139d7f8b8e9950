// Names and fingerprints of file contents.
//
// An object is named by the SHA-256 of its bytes (FIPS 180-4) and its executable bit. The fingerprint
// is XXH3-128: fast, but not collision resistant, so it is never used where an adversary could gain
// something by a collision.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cas {

// 32 raw bytes. Ordered bytewise.
struct Sha256Digest {
  std::array<std::uint8_t, 32> bytes{};

  auto operator<=>(const Sha256Digest&) const = default;

  // 64 lower-case hexadecimal digits.
  [[nodiscard]] std::string hex() const;
  // Writes the 64 digits to `out`, without a terminator.
  void write_hex(char* out) const;
  [[nodiscard]] std::string_view raw() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

  // nullopt unless `text` is exactly 64 hexadecimal digits (either case).
  [[nodiscard]] static std::optional<Sha256Digest> from_hex(std::string_view text);
  // REQUIRES: raw.size() == 32.
  [[nodiscard]] static Sha256Digest from_raw(std::string_view raw);
};

enum class Executable : std::uint8_t { no = 0, yes = 1 };

// The identity of an object: equal bytes with and without the executable bit are two objects, because
// a hard link shares the mode.
struct ObjectId {
  Sha256Digest digest;
  Executable executable = Executable::no;

  auto operator<=>(const ObjectId&) const = default;

  // The file name of the object in its segment: 64 digits, with `x` appended when executable.
  [[nodiscard]] std::string file_name() const;
  [[nodiscard]] static std::optional<ObjectId> from_file_name(std::string_view name);
};

// XXH3-128 with seed 0.
struct Fingerprint {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const Fingerprint&) const = default;
};

// Incremental SHA-256. Reusable: finish() resets. Not copyable; one thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::string_view bytes);
  [[nodiscard]] Sha256Digest finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// Incremental XXH3-128. Reusable: finish() resets.
class FingerprintHasher {
 public:
  FingerprintHasher();
  ~FingerprintHasher();
  FingerprintHasher(FingerprintHasher&&) noexcept;
  FingerprintHasher& operator=(FingerprintHasher&&) noexcept;

  void update(std::string_view bytes);
  [[nodiscard]] Fingerprint finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] Sha256Digest sha256(std::string_view bytes);
[[nodiscard]] Fingerprint fingerprint(std::string_view bytes);

// SHA-256 of the empty string; such objects are created in environments, never stored or linked.
[[nodiscard]] const Sha256Digest& empty_digest();

}  // namespace cas

template <>
struct std::hash<cas::Sha256Digest> {
  // The digest is uniformly distributed already.
  std::size_t operator()(const cas::Sha256Digest& digest) const noexcept {
    std::size_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value = (value << 8) | digest.bytes[i];
    return value;
  }
};

template <>
struct std::hash<cas::ObjectId> {
  std::size_t operator()(const cas::ObjectId& id) const noexcept {
    return std::hash<cas::Sha256Digest>{}(id.digest) ^ static_cast<std::size_t>(id.executable);
  }
};
