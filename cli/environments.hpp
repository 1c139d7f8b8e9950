// Environments as reports show them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"
#include "cli/json_output.hpp"
#include "store/roots.hpp"

namespace cas {

// Whether the environment lies, for all that can be seen, in a directory of another user's, which this one may not enter.
[[nodiscard]] bool is_closed(const Root& root);

// "live"; "closed": is_closed(); "moved": it lives, but not where it was made; "half removed", "half changed": a command was killed; "unseen", "running";
// "gone": it was deleted.
[[nodiscard]] std::string_view state_word(const Root& root);

// What a killed command left half done, in any environment, is finished before all of them are looked at. Warns where it cannot be.
void finish_interrupted_changes(const Context& context, const Store& store);

[[nodiscard]] bool is_alive(const Root& root);

// The interpreter that it stands on, by its path: a standalone one's is inside it.
[[nodiscard]] std::string interpreter_of(const Anchor& anchor);

// {"path", "state", "id", "python", "packages" (their number), "link_mode", "created", "used"}
[[nodiscard]] Json json_environment(const Root& root);

}  // namespace cas
