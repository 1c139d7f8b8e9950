// Environments as reports show them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/json_output.hpp"
#include "store/roots.hpp"

namespace cas {

// "live"; "moved": it lives, but not where it was made; "unseen", "running"; "gone": it was deleted.
[[nodiscard]] std::string_view state_word(const Root& root);

[[nodiscard]] bool is_alive(const Root& root);

// {"path", "state", "id", "python", "packages" (their number), "link_mode", "created", "used"}
[[nodiscard]] Json json_environment(const Root& root);

}  // namespace cas
