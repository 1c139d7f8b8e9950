#include "store/net/credentials.hpp"

#include <algorithm>

#include "store/base/text.hpp"

namespace cas {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

// The words of a netrc file: between blanks, or in double quotes with \" and \\ inside.
class NetrcWords {
 public:
  explicit NetrcWords(std::string_view text) : text_(text) {}

  // nullopt: the end.
  std::optional<std::string> next() {
    skip_blanks();
    if (at_ == text_.size()) return std::nullopt;
    if (text_[at_] == '"') return quoted();
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_of(kBlanks, at_), text_.size());
    return std::string(text_.substr(begin, at_ - begin));
  }

  // A macro goes up to the next empty line.
  void skip_macro() {
    const std::size_t end = text_.find("\n\n", at_);
    at_ = end == std::string_view::npos ? text_.size() : end + 2;
  }
  void skip_line() { at_ = std::min(text_.find('\n', at_), text_.size()); }

 private:
  void skip_blanks() { at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size()); }

  std::string quoted() {
    std::string word;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      word += text_[at_];
    }
    if (at_ < text_.size()) ++at_;
    return word;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Sha256Digest Credentials::digest() const {
  // The length keeps "a" + "bc" and "ab" + "c" apart.
  return sha256(std::to_string(user.size()) + ":" + user + password);
}

std::optional<Credentials> netrc_credentials(std::string_view netrc, std::string_view host, std::string_view user) {
  NetrcWords words(netrc);
  std::optional<Credentials> found;
  const auto fits = [&] { return found && (user.empty() || found->user == user); };
  while (const auto word = words.next()) {
    if (*word == "machine" || *word == "default") {
      if (fits()) return found;  // the first entry that fits is the one
      found.reset();
      const auto name = *word == "machine" ? words.next() : std::optional<std::string>(host);
      if (name && lower_case(*name) == host) found.emplace();
    } else if (*word == "login" || *word == "password" || *word == "account") {
      const auto value = words.next();
      if (!found || !value) continue;
      if (*word == "login") found->user = *value;
      if (*word == "password") found->password = *value;
    } else if (*word == "macdef") {
      words.skip_macro();
    } else if (word->starts_with('#')) {
      words.skip_line();
    }
  }
  return fits() ? found : std::nullopt;
}

std::string url_with_credentials(const std::string& url, const Credentials& credentials) {
  const auto parsed = try_parse_url(url);
  if (!parsed || parsed->is_file()) return url;
  const std::string password =
      credentials.password.empty() ? std::string() : ":" + percent_encoded(credentials.password);
  std::string text = parsed->text();
  text.insert(text.find("://") + 3, percent_encoded(credentials.user) + password + "@");
  return text;
}

void CredentialBook::remember(const Url& url) {
  if (url.has_credentials) by_origin_[url.origin()] = {url.user, url.password};
}

std::optional<Credentials> CredentialBook::given_for(const Url& url) const {
  const auto found = by_origin_.find(url.origin());
  if (found == by_origin_.end()) return std::nullopt;
  return found->second;
}

std::optional<Credentials> CredentialBook::find(const Url& url) const {
  auto given = given_for(url);
  if (!given) return netrc_credentials(netrc_, url.host);
  if (given->password.empty() && !given->user.empty()) {
    if (auto known = netrc_credentials(netrc_, url.host, given->user)) return known;
  }
  return given;
}

}  // namespace cas
