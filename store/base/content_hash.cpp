#include "store/base/content_hash.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "store/base/error.hpp"

namespace cas {
namespace {

struct Algorithm {
  std::string_view name;
  const char* openssl;
};
constexpr std::array kStrong{Algorithm{"sha256", "SHA256"},       Algorithm{"sha384", "SHA384"},
                             Algorithm{"sha512", "SHA512"},       Algorithm{"sha3_256", "SHA3-256"},
                             Algorithm{"sha3_384", "SHA3-384"},   Algorithm{"sha3_512", "SHA3-512"},
                             Algorithm{"blake2b", "BLAKE2B-512"}, Algorithm{"blake2s", "BLAKE2S-256"}};

constexpr std::array kWeak{Algorithm{"md5", "MD5"}, Algorithm{"sha1", "SHA1"}, Algorithm{"sha224", "SHA224"}};

const Algorithm* algorithm_of(std::string_view name) {
  const auto strong = std::ranges::find(kStrong, name, &Algorithm::name);
  if (strong != kStrong.end()) return &*strong;
  const auto weak = std::ranges::find(kWeak, name, &Algorithm::name);
  return weak == kWeak.end() ? nullptr : &*weak;
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { ::EVP_MD_CTX_free(context); }
};

[[noreturn]] void fail(const std::string& algorithm) {
  throw Error(fmt::format("OpenSSL cannot compute {} here", algorithm), "lock it again with SHA-256 hashes alone");
}

}  // namespace

struct ContentHashing::One {
  std::string algorithm, wanted;
  std::unique_ptr<EVP_MD_CTX, FreeContext> context;
};

bool is_strong_hash(std::string_view algorithm) {
  return std::ranges::find(kStrong, algorithm, &Algorithm::name) != kStrong.end();
}

bool has_strong_hash(const ContentHashes& hashes) {
  return std::ranges::any_of(hashes, [](const auto& hash) { return is_strong_hash(hash.first); });
}

ContentHashes further_strong_hashes(const ContentHashes& hashes) {
  ContentHashes further;
  for (const auto& [algorithm, digits] : hashes) {
    if (algorithm != "sha256" && is_strong_hash(algorithm)) further.emplace(algorithm, digits);
  }
  return further;
}

ContentHashes checkable_hashes(const ContentHashes& hashes) {
  const bool strong = has_strong_hash(hashes);
  ContentHashes checkable;
  for (const auto& [algorithm, digits] : hashes) {
    if (strong ? is_strong_hash(algorithm) : algorithm_of(algorithm) != nullptr) checkable.emplace(algorithm, digits);
  }
  return checkable;
}

ContentHashing::ContentHashing(const ContentHashes& wanted) {
  for (const auto& [algorithm, digits] : wanted) {
    const Algorithm* const known = algorithm_of(algorithm);
    One one{algorithm, digits, std::unique_ptr<EVP_MD_CTX, FreeContext>(::EVP_MD_CTX_new())};
    const EVP_MD* const kind = known == nullptr ? nullptr : ::EVP_get_digestbyname(known->openssl);
    if (!one.context || kind == nullptr || ::EVP_DigestInit_ex(one.context.get(), kind, nullptr) != 1) fail(algorithm);
    all_.push_back(std::move(one));
  }
}

ContentHashing::~ContentHashing() = default;
ContentHashing::ContentHashing(ContentHashing&&) noexcept = default;
ContentHashing& ContentHashing::operator=(ContentHashing&&) noexcept = default;

void ContentHashing::update(std::string_view bytes) {
  for (One& one : all_) {
    if (::EVP_DigestUpdate(one.context.get(), bytes.data(), bytes.size()) != 1) fail(one.algorithm);
  }
}

std::optional<std::string> ContentHashing::mismatch() {
  for (One& one : all_) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (::EVP_DigestFinal_ex(one.context.get(), digest.data(), &size) != 1) fail(one.algorithm);
    std::string digits;
    for (unsigned i = 0; i < size; ++i) digits += fmt::format("{:02x}", digest.at(i));
    if (digits != one.wanted)
      return fmt::format("has {} {}, not the {} it must have", one.algorithm, digits, one.wanted);
  }
  return std::nullopt;
}

}  // namespace cas
