// Small documents (pages of an index) kept in a folder, so that they need not be fetched again, or can be read offline.
//
// One file for each document, named by the SHA-256 of what it is, replaced by rename: any number of processes may use one folder.
// The file's time is when its content was last known to be right. A file that is broken counts as missing.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "store/base/digest.hpp"
#include "store/net/cache_entry.hpp"
#include "store/net/credentials.hpp"
#include "store/net/http_headers.hpp"

namespace cas {

// What a document is: where it lies, which forms of it were asked for, and for whom, because the same URL may show
// another page to whom the server knows. Credentials are part of the digest alone.
struct DocumentKey {
  std::string url;  // without credentials
  std::string accept;
  std::optional<Credentials> credentials;

  [[nodiscard]] Sha256Digest digest() const;
};

struct CachedDocument {
  CacheEntry entry;
  std::chrono::seconds age{0};  // since its content was known to be right
  // The server allows to use it without asking.
  [[nodiscard]] bool is_fresh() const { return age >= std::chrono::seconds{0} && age < entry.fresh_for; }
};

class HttpCache {
 public:
  // The folder is made when something is kept. `others`: folders of the same kind, in which it is looked for afterwards and that are only
  // read; of what lies there that counts which nobody but this user and root could have changed.
  explicit HttpCache(std::string directory, std::vector<std::string> others = {})
      : directory_(std::move(directory)), others_(std::move(others)) {}

  [[nodiscard]] std::optional<CachedDocument> find(const DocumentKey& key) const;
  // false: could not be written (the disk is full, the folder is read-only): work goes on without.
  bool keep(const DocumentKey& key, const CacheEntry& entry) const;
  // The server says that what is kept is still right.
  void confirm(const DocumentKey& key) const;

  [[nodiscard]] const std::string& directory() const { return directory_; }

 private:
  enum class Owner { any, ours };
  [[nodiscard]] std::string path_of(const DocumentKey& key) const;
  [[nodiscard]] static std::optional<CachedDocument> find_at(const std::string& path, Owner owner);

  std::string directory_;
  std::vector<std::string> others_;
};

// For how long a document with these headers may be used without asking; nullopt: it must not be kept. At most an hour, whatever the
// server says: nobody would understand why a release that is there cannot be seen.
[[nodiscard]] std::optional<std::chrono::seconds> freshness(const HttpHeaders& headers);

}  // namespace cas
