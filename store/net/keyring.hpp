// Passwords from the program `keyring`, asked as pip's "subprocess" provider and uv's ask it: `keyring get SERVICE USER`.
//
// Nothing is asked unless the user wants it so. Neither what it prints nor what it says when it fails is in any message.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "store/net/url.hpp"

namespace cas {

enum class KeyringProvider { disabled, subprocess };

// The password that the program has of `url.user`: first for the address, without credentials, then for its host ("host:port" where it has
// a port). nullopt: it has none, or the name is none that can be asked for. The program may ask the user, who has `limit` for it. Throws NotFound without the program in PATH, Error
// where it takes too long.
[[nodiscard]] std::optional<std::string> keyring_password(const Url& url,
                                                          std::chrono::seconds limit = std::chrono::seconds{120});

}  // namespace cas
