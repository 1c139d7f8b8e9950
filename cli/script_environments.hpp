// Environments that `cas run SCRIPT` makes for itself.
//
// They lie in `.scripts` beside the named ones, each called by what determines it (environment_key()), and are like all others: `cas list`
// shows them, their packages stay, and `cas gc` removes those that no script used for some time.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "linker/environment_use.hpp"
#include "store/roots.hpp"

namespace cas {

// How long one that is not used stays.
inline constexpr std::chrono::hours kScriptsMaxAge{24 * 30};

[[nodiscard]] std::string script_environments(const GlobalOptions& global);

struct ScriptEnvironment {
  std::string path;
  Fd held;  // hold_environment(): to be open when the script takes this process's place
};

// The environment that the script asks for: the one that is there, which is found without opening the store, else it is made.
// Nothing is printed on standard output. Throws what making it throws.
[[nodiscard]] ScriptEnvironment script_environment(const Context& context, const std::string& script);

// Removes those whose last use is longer ago, and returns what they were; warns of those that cannot be removed. One in which a script is
// running is in use. `dry_run`: only names them.
[[nodiscard]] std::vector<Anchor> remove_unused_scripts(const Context& context, const Store& store,
                                                        std::chrono::seconds max_age, bool dry_run);

}  // namespace cas
