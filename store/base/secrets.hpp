// Keeping passwords out of messages.
#pragma once

#include <string>
#include <string_view>

namespace cas {

// `text` with what URLs in it must not show taken out: user and password ("https://me:secret@host/" becomes "https://host/"; the bare
// user of an ssh address stays), and the query, which may hold a token ("?..."). Also where it is no proper URL: rather too much is
// taken than too little. The same when it is applied again.
[[nodiscard]] std::string without_secrets(std::string_view text);

}  // namespace cas
