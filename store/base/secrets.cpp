#include "store/base/secrets.hpp"

#include <algorithm>

namespace cas {
namespace {

constexpr std::string_view kSlashes = "://";
// What ends a URL in a sentence, a command line or a configuration file.
constexpr std::string_view kEnds = " \t\r\n\"'`<>";

bool is_port(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// How many bytes at the start of `rest`, which follows "://", are user and password with their "@".
std::size_t credentials_in(std::string_view rest, bool ssh) {
  const std::string_view token = rest.substr(0, rest.find_first_of(kEnds));
  const std::string_view authority = token.substr(0, token.find_first_of("/?#"));
  std::size_t at = authority.rfind('@');
  const std::size_t colon = authority.find(':');
  if (at == std::string_view::npos) {
    // "user:pass/word@host": a password that should have been encoded.
    const bool odd =
        colon != std::string_view::npos && !authority.starts_with('[') && !is_port(authority.substr(colon + 1));
    at = odd ? token.rfind('@') : std::string_view::npos;
  }
  if (at == std::string_view::npos || (ssh && colon > at)) return 0;
  return at + 1;
}

}  // namespace

std::string without_secrets(std::string_view text) {
  std::string result;
  while (true) {
    const std::size_t slashes = text.find(kSlashes);
    if (slashes == std::string_view::npos) return result.append(text);
    const bool ssh = text.substr(0, slashes).ends_with("ssh");
    result += text.substr(0, slashes + kSlashes.size());
    text.remove_prefix(slashes + kSlashes.size());
    text.remove_prefix(credentials_in(text, ssh));
    const std::string_view token = text.substr(0, text.find_first_of(kEnds));
    const std::size_t query = token.find('?');
    // Up to the next URL, or the end of this one.
    const std::size_t end = std::min(token.find(kSlashes), token.size());
    if (query < end) {
      const std::size_t fragment = std::min(token.find('#', query), end);
      result.append(token.substr(0, query)).append("?...").append(token.substr(fragment, end - fragment));
    } else {
      result.append(token.substr(0, end));
    }
    text.remove_prefix(end);
  }
}

}  // namespace cas
