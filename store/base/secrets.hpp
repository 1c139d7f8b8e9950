// Keeping passwords out of messages.
#pragma once

#include <string>
#include <string_view>

namespace cas {

// `text` with what URLs in it must not show taken out: user and password ("https://me:secret@host/" becomes "https://host/"; the bare
// user of an ssh address stays), and the query, which may hold a token ("?..."). Also where it is no proper URL, and in what was to be one
// and has no "://" ("me:secret@host/" becomes "...@host/"; a bare "me@host" stays): rather too much is taken than too little, of a path with ":"
// and "@" in it, too. The same when it is applied again.
[[nodiscard]] std::string without_secrets(std::string_view text);

}  // namespace cas
