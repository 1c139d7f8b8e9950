// The form of a document in the HTTP cache:
//
//   <entry>  ::= "cas-http-cache 1 " <SHA-256 of all that follows the line, 64 hexadecimal digits> "\n" <field>* "\n" <body>
//   <field>  ::= <name> " " <value> "\n"         in this order: status, fresh-for, url, content-type, etag, last-modified
//
// What does not have exactly this form is no entry: a cache may be forgotten at any time.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cas {

struct CacheEntry {
  int status = 0;                     // 200, or 404: that there is nothing is worth knowing offline, too
  std::chrono::seconds fresh_for{0};  // since it was got
  std::string url;                    // where it came from in the end, without credentials
  std::string content_type;
  std::string etag;           // "" where there is none
  std::string last_modified;  // the same
  std::string body;
  bool operator==(const CacheEntry&) const = default;
};

// Line ends in values become blanks.
[[nodiscard]] std::string encode_cache_entry(const CacheEntry& entry);
[[nodiscard]] std::optional<CacheEntry> decode_cache_entry(std::string_view bytes);

}  // namespace cas
