// What pip says that it would install: its "Installation Report", version 1, as a lock.
#pragma once

#include <string_view>

#include "store/pylock/pylock.hpp"

namespace cas {

// Each package with the one file that was chosen; credentials are left out of its address. `place`: for messages. Throws InvalidInput where it
// is no such report, or names a source that is no archive (version control, a directory).
[[nodiscard]] Pylock parse_installation_report(std::string_view text, std::string_view place);

}  // namespace cas
