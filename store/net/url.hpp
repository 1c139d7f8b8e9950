// URLs (RFC 3986) as package indexes use them: https, http and file. Strict where parsers differ, because what one of them takes
// for the host must be the host for all: no backslashes, blanks or control characters, hosts of ASCII letters only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cas {

inline constexpr std::size_t kMaxUrlBytes = 8192;

struct Url {
  std::string scheme;  // "https", "http" or "file"
  std::string user;    // decoded; the credentials are in no text made from this
  std::string password;
  bool has_credentials = false;
  std::string host;      // lower case; an IPv6 address in brackets; "" for file
  std::string port;      // "" for the scheme's own
  std::string path;      // begins with "/"; without "." and ".." between slashes; percent-encoded
  std::string query;     // with its "?", or ""
  std::string fragment;  // without its "#"

  // Without credentials and fragment.
  [[nodiscard]] std::string text() const;
  // "https://host:port": who gets to see what is sent there.
  [[nodiscard]] std::string origin() const;
  [[nodiscard]] bool is_file() const { return scheme == "file"; }
};

// nullopt: no absolute URL of one of the schemes.
[[nodiscard]] std::optional<Url> try_parse_url(std::string_view text);
// Throws InvalidInput, which shows no credentials.
[[nodiscard]] Url parse_url(std::string_view text);

// `reference` as a document at `base` means it. nullopt: of another scheme, or none that can be made sense of.
// What browsers repair is repaired: blanks around it, characters that should have been percent-encoded.
[[nodiscard]] std::optional<Url> resolve_url(const Url& base, std::string_view reference);

// `text` as messages may show it: without user, password and fragment, the query (which may hold a signature) as "?...". What is no
// URL is shown only where it cannot hold a password.
[[nodiscard]] std::string redacted_url(std::string_view text);

// Everything but unreserved characters (RFC 3986, 2.3) as %XX: fit for any part of a URL.
[[nodiscard]] std::string percent_encoded(std::string_view text);
// nullopt: a broken escape, or a zero byte.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);

// The last component of the path, decoded; "" where the path ends in "/" or the escapes are broken.
[[nodiscard]] std::string url_file_name(const Url& url);

// `path` is absolute.
[[nodiscard]] std::string file_url(std::string_view path);
// The path that a file: URL names. Throws InvalidInput where it names a path no file can have.
[[nodiscard]] std::string file_path(const Url& url);

}  // namespace cas
