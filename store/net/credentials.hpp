// Who gets which user name and password: what a URL of the user's holds belongs to that URL's origin, what ~/.netrc holds to
// the host it names. Nothing here ever appears in a message.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "store/base/digest.hpp"
#include "store/net/url.hpp"

namespace cas {

struct Credentials {
  std::string user;
  std::string password;
  bool operator==(const Credentials&) const = default;

  // Tells two users' answers apart without holding their secrets.
  [[nodiscard]] Sha256Digest digest() const;
};

// What a netrc file (machine, default, login, password, account, macdef; words may be in double quotes) says about `host`; with a `user`, what it
// says about that user there.
[[nodiscard]] std::optional<Credentials> netrc_credentials(std::string_view netrc, std::string_view host,
                                                           std::string_view user = {});

// The address with these credentials instead of its own. As it is where it is no URL of a host.
[[nodiscard]] std::string url_with_credentials(const std::string& url, const Credentials& credentials);

class CredentialBook {
 public:
  // `netrc`: the text of a netrc file, "" for none.
  explicit CredentialBook(std::string netrc = {}) : netrc_(std::move(netrc)) {}

  // Keeps the credentials of `url`, if there are any, for its origin.
  void remember(const Url& url);
  // What was remembered for the origin.
  [[nodiscard]] std::optional<Credentials> given_for(const Url& url) const;
  // That, or what the netrc file says about the host. Where only a user was given, the netrc file may have the password.
  [[nodiscard]] std::optional<Credentials> find(const Url& url) const;

 private:
  std::string netrc_;
  std::map<std::string, Credentials> by_origin_;
};

}  // namespace cas
