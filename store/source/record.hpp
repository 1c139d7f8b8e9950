// RECORD: the list of a distribution's files (PyPA "Recording installed projects", PEP 376, PEP 627).
//
//   <record> ::= { <row> <newline> }          CSV of RFC 4180; LF or CRLF; empty lines are skipped
//   <row>    ::= path "," [ hash ] "," [ size ]
//   <hash>   ::= algorithm "=" digest in URL-safe base64 without padding
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/base/digest.hpp"

namespace cas {

struct RecordRow {
  std::string_view path;  // unchecked
  std::string_view hash;  // "" where none is given; see parse_record_hash()
  std::optional<std::uint64_t> size;
};

// The rows in order; they point into `text`, in which quoted fields are unquoted in place (a RECORD may
// have 12 MiB). Throws InvalidInput naming the line: not three fields, wrong quoting, a size that is not a number.
[[nodiscard]] std::vector<RecordRow> parse_record(std::string& text);

enum class HashAlgorithm : std::uint8_t { sha256, sha384, sha512 };

struct RecordHash {
  HashAlgorithm algorithm = HashAlgorithm::sha256;
  std::string digest;  // raw bytes

  bool operator==(const RecordHash&) const = default;
  // As RECORD writes it.
  [[nodiscard]] std::string text() const;
};

// "sha256=..." and the like. Throws InvalidInput saying what is wrong, without a subject: too weak (md5,
// sha1 and others: the specification wants sha256 or better), unknown, or not a digest of that algorithm.
[[nodiscard]] RecordHash parse_record_hash(std::string_view text);

// Incremental hash of any accepted algorithm.
class RecordHasher {
 public:
  explicit RecordHasher(HashAlgorithm algorithm);
  ~RecordHasher();
  RecordHasher(const RecordHasher&) = delete;
  RecordHasher& operator=(const RecordHasher&) = delete;

  void update(std::string_view bytes);
  // Called once, at the end.
  [[nodiscard]] RecordHash finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// --- for those who write a RECORD ---

// "sha256=<URL-safe base64 without padding>".
[[nodiscard]] std::string record_hash(const Sha256Digest& digest);

// One row with its newline; fields are quoted where they must be. `hash` "" and `size` nullopt leave their
// fields empty.
[[nodiscard]] std::string record_row(std::string_view path, std::string_view hash, std::optional<std::uint64_t> size);

// RFC 4648 section 5 without padding. Decoding: nullopt unless `text` is what encoding would give.
[[nodiscard]] std::string base64url_encode(std::string_view bytes);
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace cas
