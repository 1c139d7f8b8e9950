// The hashes of RECORD and their spelling; the rows are in record.cpp.
#include <array>

#include "store/source/record.hpp"

// Deprecated in OpenSSL 3, but without the start-up cost of EVP (store/base/digest.cpp).
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "store/source/fault.hpp"

namespace cas {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct AlgorithmName {
  HashAlgorithm algorithm;
  std::string_view name;
  std::size_t digest_bytes;
};
constexpr std::array<AlgorithmName, 3> kAlgorithms{{{HashAlgorithm::sha256, "sha256", 32},
                                                    {HashAlgorithm::sha384, "sha384", 48},
                                                    {HashAlgorithm::sha512, "sha512", 64}}};

}  // namespace

struct RecordHasher::State {
  HashAlgorithm algorithm;
  SHA256_CTX sha256{};
  SHA512_CTX sha512{};
};

RecordHasher::RecordHasher(HashAlgorithm algorithm) : state_(new State{algorithm}) {
  switch (algorithm) {
    case HashAlgorithm::sha256:
      SHA256_Init(&state_->sha256);
      break;
    case HashAlgorithm::sha384:
      SHA384_Init(&state_->sha512);
      break;
    case HashAlgorithm::sha512:
      SHA512_Init(&state_->sha512);
      break;
  }
}

RecordHasher::~RecordHasher() = default;

void RecordHasher::update(std::string_view bytes) {
  switch (state_->algorithm) {
    case HashAlgorithm::sha256:
      SHA256_Update(&state_->sha256, bytes.data(), bytes.size());
      break;
    case HashAlgorithm::sha384:
      SHA384_Update(&state_->sha512, bytes.data(), bytes.size());
      break;
    case HashAlgorithm::sha512:
      SHA512_Update(&state_->sha512, bytes.data(), bytes.size());
      break;
  }
}

RecordHash RecordHasher::finish() {
  std::array<unsigned char, 64> out{};
  std::size_t length = 0;
  switch (state_->algorithm) {
    case HashAlgorithm::sha256:
      SHA256_Final(out.data(), &state_->sha256);
      length = 32;
      break;
    case HashAlgorithm::sha384:
      SHA384_Final(out.data(), &state_->sha512);
      length = 48;
      break;
    case HashAlgorithm::sha512:
      SHA512_Final(out.data(), &state_->sha512);
      length = 64;
      break;
  }
  return {state_->algorithm, std::string(reinterpret_cast<const char*>(out.data()), length)};
}

std::string RecordHash::text() const {
  return fmt::format("{}={}", kAlgorithms[static_cast<std::size_t>(algorithm)].name, base64url_encode(digest));
}

RecordHash parse_record_hash(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    throw InvalidInput(fmt::format("RECORD's hash is not <algorithm>=<digest> ({})", printable(text)));
  }
  const std::string_view name = text.substr(0, equals);
  for (const AlgorithmName& known : kAlgorithms) {
    if (known.name != name) continue;
    std::optional<std::string> digest = base64url_decode(text.substr(equals + 1));
    if (!digest || digest->size() != known.digest_bytes) {
      throw InvalidInput(
          fmt::format("RECORD's hash is not a {} digest in URL-safe base64 ({})", name, printable(text)));
    }
    return {known.algorithm, std::move(*digest)};
  }
  for (const std::string_view weak : {"md5", "sha1", "sha224"}) {
    if (name == weak) throw InvalidInput(fmt::format("RECORD uses the hash {}, which is too weak", name));
  }
  throw InvalidInput(fmt::format("RECORD uses the unknown hash {}", printable(name)));
}

std::string base64url_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    count += 8;
    while (count >= 6) {
      count -= 6;
      text += kAlphabet[(bits >> count) & 63];
    }
  }
  if (count > 0) text += kAlphabet[(bits << (6 - count)) & 63];
  return text;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  static constexpr auto kValues = [] {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
      values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
    }
    return values;
  }();
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = kValues[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>((bits >> count) & 0xFF);
    }
  }
  // Bits left over must be zero, or one digest would have several spellings.
  if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace cas
