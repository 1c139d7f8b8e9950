#include "store/net/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Unreserved, sub-delims, ":" and "@", and what separates parts of path and query.
bool stands_for_itself(char c) {
  return is_alpha(c) || is_digit(c) || std::string_view("-._~!$&'()*+,;=:@/?").find(c) != std::string_view::npos;
}

bool is_escape(std::string_view text, std::size_t at) {
  return text[at] == '%' && at + 2 < text.size() && hex_value(text[at + 1]) >= 0 && hex_value(text[at + 2]) >= 0;
}

// What is written that must not be is percent-encoded; escapes stay as they are.
std::string encoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (stands_for_itself(text[i]) || is_escape(text, i)) {
      out += text[i];
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(text[i]));
    }
  }
  return out;
}

// RFC 3986, 5.2.4, for a path that begins with "/".
std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  bool directory = false;  // whether it ends in "/"
  std::size_t at = 1;
  while (at <= path.size()) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    directory = segment.empty() || segment == "." || segment == "..";
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (segment != "." && (!segment.empty() || end < path.size())) {
      kept.push_back(segment);
    }
    at = end + 1;
  }
  std::string out;
  for (const std::string_view segment : kept) out.append("/").append(segment);
  if (directory || out.empty()) out += '/';
  return out;
}

// Takes "scheme:" off `text`. "": there is none.
std::string take_scheme(std::string_view& text) {
  if (text.empty() || !is_alpha(text.front())) return {};
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == ':') {
      std::string scheme = lower_case(text.substr(0, i));
      text.remove_prefix(i + 1);
      return scheme;
    }
    if (!is_alpha(text[i]) && !is_digit(text[i]) && text[i] != '+' && text[i] != '-' && text[i] != '.') return {};
  }
  return {};
}

bool is_host(std::string_view host) {
  if (host.starts_with('[')) {
    return host.size() > 3 && host.ends_with(']') && std::all_of(host.begin() + 1, host.end() - 1, [](char c) {
             return hex_value(c) >= 0 || c == ':' || c == '.';
           });
  }
  return !host.empty() && host.size() <= 253 && host.front() != '.' && host.front() != '-' &&
         std::all_of(host.begin(), host.end(),
                     [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_'; });
}

// "user:password@host:port"
bool parse_authority(std::string_view text, Url& url) {
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    const std::string_view credentials = text.substr(0, at);
    // A second "@" must be written %40: else it is not clear where the host begins.
    if (credentials.find('@') != std::string_view::npos) return false;
    const std::size_t colon = std::min(credentials.find(':'), credentials.size());
    const auto user = percent_decoded(credentials.substr(0, colon));
    const auto password = percent_decoded(credentials.substr(std::min(colon + 1, credentials.size())));
    if (!user || !password) return false;
    url.user = *user;
    url.password = *password;
    url.has_credentials = !url.user.empty() || !url.password.empty();
    text.remove_prefix(at + 1);
  }
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  const std::size_t colon = text.find(':', bracket);
  url.host = lower_case(text.substr(0, colon));
  if (!is_host(url.host)) return false;
  if (colon == std::string_view::npos) return true;
  const std::string_view port = text.substr(colon + 1);
  if (port.empty()) return true;
  unsigned number = 0;
  const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (problem != std::errc{} || end != port.data() + port.size() || number == 0 || number > 65535) return false;
  if (number != (url.scheme == "https" ? 443U : 80U)) url.port = std::to_string(number);
  return true;
}

// Path, query and fragment, where `path` may be relative to `base_path`.
void set_path(std::string_view text, std::string_view base_path, Url& url) {
  if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) {
    url.fragment = encoded(text.substr(hash + 1));
    text = text.substr(0, hash);
  }
  const std::size_t mark = text.find('?');
  if (mark != std::string_view::npos) {
    url.query = encoded(text.substr(mark));
    text = text.substr(0, mark);
  }
  if (text.starts_with('/')) {
    url.path = without_dot_segments(encoded(text));
  } else if (text.empty()) {
    url.path = base_path;
  } else {
    const std::string_view folder = base_path.substr(0, base_path.rfind('/') + 1);
    url.path = without_dot_segments(std::string(folder) + encoded(text));
  }
}

// What follows "scheme://".
std::optional<Url> parse_after_slashes(std::string_view text, std::string scheme) {
  Url url;
  url.scheme = std::move(scheme);
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  const std::string_view authority = text.substr(0, end);
  if (url.is_file()) {
    if (!authority.empty() && authority != "localhost") return std::nullopt;
  } else if (!parse_authority(authority, url)) {
    return std::nullopt;
  }
  set_path(text.substr(end), "/", url);
  return url;
}

// Blanks, control characters and backslashes: parsers differ about them.
bool is_doubtful(std::string_view text) {
  return text.size() > kMaxUrlBytes || std::any_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\';
         });
}

}  // namespace

std::string Url::origin() const { return scheme + "://" + host + (port.empty() ? "" : ":" + port); }

std::string Url::text() const { return origin() + path + query; }

std::optional<Url> try_parse_url(std::string_view text) {
  if (is_doubtful(text) || text.find(' ') != std::string_view::npos) return std::nullopt;
  std::string scheme = take_scheme(text);
  if ((scheme != "https" && scheme != "http" && scheme != "file") || !text.starts_with("//")) return std::nullopt;
  return parse_after_slashes(text.substr(2), std::move(scheme));
}

Url parse_url(std::string_view text) {
  if (auto url = try_parse_url(text)) return *std::move(url);
  throw InvalidInput(redacted_url(text) + ": not a URL that can be used",
                     "write https://HOST/PATH, with special characters in user and password percent-encoded");
}

std::optional<Url> resolve_url(const Url& base, std::string_view reference) {
  reference = trimmed(reference, " \t\r\n\f");
  if (is_doubtful(reference)) return std::nullopt;
  std::string_view rest = reference;
  const std::string scheme = take_scheme(rest);
  std::optional<Url> url;
  if (!scheme.empty()) {
    // Blanks may be in the path alone, where they are repaired.
    if ((scheme != "https" && scheme != "http" && scheme != "file") || !rest.starts_with("//")) return std::nullopt;
    url = parse_after_slashes(rest.substr(2), scheme);
  } else if (reference.starts_with("//")) {
    url = parse_after_slashes(reference.substr(2), base.scheme);
  } else {
    url = base;
    url->query.clear();
    url->fragment.clear();
    set_path(reference, base.path, *url);
    if (reference.empty() || reference.front() == '#') url->query = base.query;
  }
  if (url && url->text().size() > kMaxUrlBytes) return std::nullopt;
  return url;
}

std::string redacted_url(std::string_view text) {
  if (const auto url = try_parse_url(text)) {
    return printable(url->origin() + url->path) + (url->query.empty() ? "" : "?...");
  }
  if (text.find('@') == std::string_view::npos) return printable(text.substr(0, text.find_first_of("?#")));
  const std::string scheme = take_scheme(text);
  return scheme.empty() ? "(a URL with credentials)" : scheme + "://(a URL with credentials)";
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (!is_escape(text, i)) return std::nullopt;
    out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
    i += 2;
  }
  if (out.find('\0') != std::string::npos) return std::nullopt;
  return out;
}

std::string url_file_name(const Url& url) { return percent_decoded(name_of(url.path)).value_or(""); }

std::string file_url(std::string_view path) {
  std::string out = "file://";
  for (const char c : path) {
    if (stands_for_itself(c) && c != '?') {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string file_path(const Url& url) {
  auto path = percent_decoded(url.path);
  // An escaped "/" or ".." would name another directory than the URL seems to.
  const std::string slashed = path ? *path + "/" : "";
  if (!url.is_file() || !path || slashed.find("/../") != std::string::npos ||
      std::count(path->begin(), path->end(), '/') != std::count(url.path.begin(), url.path.end(), '/')) {
    throw InvalidInput(redacted_url(url.text()) + ": names no file");
  }
  return *std::move(path);
}

}  // namespace cas
