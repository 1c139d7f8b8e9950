// Hashes of files by the names that Python's hashlib has for them, as locks say them beside SHA-256. OpenSSL computes them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

// Algorithm, lower case -> hexadecimal digits, lower case.
using ContentHashes = std::map<std::string, std::string, std::less<>>;

// Whether nobody can make another file with the same hash: sha256, sha384, sha512, sha3_256, sha3_384, sha3_512, blake2b, blake2s. Not md5 and sha1.
[[nodiscard]] bool is_strong_hash(std::string_view algorithm);
[[nodiscard]] bool has_strong_hash(const ContentHashes& hashes);
// Those that are strong, without SHA-256, which whoever names files by it looks at himself.
[[nodiscard]] ContentHashes further_strong_hashes(const ContentHashes& hashes);

// What a file can be held to: those that are strong; where none is, md5, sha1 and sha224, which show that a transfer was no good, but not
// that the file is the one that somebody meant.
[[nodiscard]] ContentHashes checkable_hashes(const ContentHashes& hashes);

// All of several hashes of the same bytes. REQUIRES: every one is of checkable_hashes().
class ContentHashing {
 public:
  explicit ContentHashing(const ContentHashes& wanted);
  ~ContentHashing();
  ContentHashing(ContentHashing&&) noexcept;
  ContentHashing& operator=(ContentHashing&&) noexcept;

  void update(std::string_view bytes);
  // "has sha512 …, not the … it must have"; nullopt: all are as they must be. Nothing may follow it.
  [[nodiscard]] std::optional<std::string> mismatch();

 private:
  struct One;
  std::vector<One> all_;
};

}  // namespace cas
