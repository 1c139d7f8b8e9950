#include "store/base/digest.hpp"

// The one-shot EVP interface costs 280 ns a message and fetches its provider on first use (about a
// millisecond with the configuration file); the block functions cost 72 ns and nothing at start-up, and
// use the same SHA instructions of the CPU. OpenSSL 3 marks them as deprecated, but keeps them.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

namespace cas {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void Sha256Digest::write_hex(char* out) const {
  for (std::uint8_t byte : bytes) {
    *out++ = kHexDigits[byte >> 4];
    *out++ = kHexDigits[byte & 15];
  }
}

std::string Sha256Digest::hex() const {
  std::string text(64, '\0');
  write_hex(text.data());
  return text;
}

std::optional<Sha256Digest> Sha256Digest::from_hex(std::string_view text) {
  if (text.size() != 64) return std::nullopt;
  Sha256Digest digest;
  for (std::size_t i = 0; i < 32; ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return digest;
}

Sha256Digest Sha256Digest::from_raw(std::string_view raw) {
  Sha256Digest digest;
  std::memcpy(digest.bytes.data(), raw.data(), digest.bytes.size());
  return digest;
}

std::string ObjectId::file_name() const {
  std::string name = digest.hex();
  if (executable == Executable::yes) name += 'x';
  return name;
}

std::optional<ObjectId> ObjectId::from_file_name(std::string_view name) {
  ObjectId id;
  if (name.size() == 65 && name.back() == 'x') {
    id.executable = Executable::yes;
    name.remove_suffix(1);
  }
  for (char c : name) {
    if (c >= 'A' && c <= 'F') return std::nullopt;  // one spelling only: names are compared as text, too
  }
  const auto digest = Sha256Digest::from_hex(name);
  if (!digest) return std::nullopt;
  id.digest = *digest;
  return id;
}

struct Sha256::Context {
  SHA256_CTX state;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) { SHA256_Init(&context_->state); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) { SHA256_Update(&context_->state, bytes.data(), bytes.size()); }

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  SHA256_Final(digest.bytes.data(), &context_->state);
  SHA256_Init(&context_->state);
  return digest;
}

struct FingerprintHasher::State {
  XXH3_state_t state;
};

FingerprintHasher::FingerprintHasher() : state_(new State) { XXH3_128bits_reset(&state_->state); }
FingerprintHasher::~FingerprintHasher() = default;
FingerprintHasher::FingerprintHasher(FingerprintHasher&&) noexcept = default;
FingerprintHasher& FingerprintHasher::operator=(FingerprintHasher&&) noexcept = default;

void FingerprintHasher::update(std::string_view bytes) {
  XXH3_128bits_update(&state_->state, bytes.data(), bytes.size());
}

Fingerprint FingerprintHasher::finish() {
  const XXH128_hash_t hash = XXH3_128bits_digest(&state_->state);
  XXH3_128bits_reset(&state_->state);
  return {hash.high64, hash.low64};
}

Sha256Digest sha256(std::string_view bytes) {
  Sha256Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.bytes.data());
  return digest;
}

Fingerprint fingerprint(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

const Sha256Digest& empty_digest() {
  static const Sha256Digest digest = sha256({});
  return digest;
}

}  // namespace cas
