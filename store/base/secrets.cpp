#include "store/base/secrets.hpp"

#include <algorithm>
#include <optional>

namespace cas {
namespace {

constexpr std::string_view kSlashes = "://";
// What ends a URL in a sentence, a command line or a configuration file.
constexpr std::string_view kEnds = " \t\r\n\"'`<>";

bool is_port(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// How many bytes at the start of `rest`, a word's that follows "://", are user and password with their "@".
std::size_t credentials_in(std::string_view rest, bool ssh) {
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  std::size_t at = authority.rfind('@');
  const std::size_t colon = authority.find(':');
  if (at == std::string_view::npos) {
    // "user:pass/word@host": a password that should have been encoded.
    const bool odd =
        colon != std::string_view::npos && !authority.starts_with('[') && !is_port(authority.substr(colon + 1));
    at = odd ? rest.rfind('@') : std::string_view::npos;
  }
  if (at == std::string_view::npos || (ssh && colon > at)) return 0;
  return at + 1;
}

// A word with "://" in it.
void add_url(std::string_view word, std::string& result) {
  while (true) {
    const std::size_t slashes = word.find(kSlashes);
    if (slashes == std::string_view::npos) {
      result += word;
      return;
    }
    const bool ssh = word.substr(0, slashes).ends_with("ssh");
    result += word.substr(0, slashes + kSlashes.size());
    word.remove_prefix(slashes + kSlashes.size());
    word.remove_prefix(credentials_in(word, ssh));
    const std::size_t query = word.find('?');
    // Up to the next URL, or the end of this one.
    const std::size_t end = std::min(word.find(kSlashes), word.size());
    if (query < end) {
      const std::size_t fragment = std::min(word.find('#', query), end);
      result.append(word.substr(0, query)).append("?...").append(word.substr(fragment, end - fragment));
    } else {
      result.append(word.substr(0, end));
    }
    word.remove_prefix(end);
  }
}

// Where user and password of what was to be an address begin, in a word without "://" whose last "@" is at `at`; nullopt: they are none.
std::optional<std::size_t> bare_credentials(std::string_view word, std::size_t at) {
  const std::string_view before = word.substr(0, at);
  // "http//token@host", "http:/token@host"
  for (const std::string_view start : {"//", ":/"}) {
    const std::size_t begin = before.find(start) + start.size();
    if (begin >= start.size() && begin < at && before.find('/', begin) == std::string_view::npos) return begin;
  }
  // A colon with a slash behind it ends a scheme, not a user.
  std::size_t colon = before.find(':');
  while (colon != std::string_view::npos && before.substr(colon + 1).starts_with('/'))
    colon = before.find(':', colon + 1);
  if (colon == std::string_view::npos || colon + 1 == at) return std::nullopt;
  const std::size_t begin = before.find_last_of("/=,;()[]{}|", colon) + 1;
  // "git@host:path/name@v1"
  const bool ssh = before.substr(begin, colon - begin).find('@') != std::string_view::npos &&
                   before.find('/', colon) != std::string_view::npos;
  return ssh ? std::nullopt : std::optional(begin);
}

void add_bare(std::string_view word, std::string& result) {
  const std::size_t at = word.rfind('@');
  const auto begin = at == std::string_view::npos ? std::nullopt : bare_credentials(word, at);
  if (begin) {
    result.append(word.substr(0, *begin)).append("...").append(word.substr(at));
  } else {
    result += word;
  }
}

}  // namespace

std::string without_secrets(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find_first_of(kEnds));
    const bool url = word.find(kSlashes) != std::string_view::npos;
    (url ? add_url : add_bare)(word, result);
    const std::size_t next = std::min(text.find_first_not_of(kEnds, word.size()), text.size());
    result.append(text.substr(word.size(), next - word.size()));
    text.remove_prefix(next);
  }
  return result;
}

}  // namespace cas
