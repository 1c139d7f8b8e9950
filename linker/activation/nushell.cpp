#include "linker/activation/bodies.hpp"

namespace cas {

// `overlay use ENV/bin/activate.nu`; `deactivate` hides the overlay, and with it everything that it set.
const std::string_view kNushellBody = R"cas(
export-env {
    # nushell sets FILE_PWD to the directory of the module that it is reading.
    let bin = $env.FILE_PWD
    let root = ($bin | path dirname)
    if not ($root | path join "pyvenv.cfg" | path exists) {
        error make {msg: $"activate.nu: there is no environment at ($root)"}
    }
    if ":" in $root {
        error make {msg: $"activate.nu: ($root): a directory with a colon in its name cannot stand in PATH"}
    }
    let before = (if "PATH" in $env { $env.PATH } else { [] })
    let path = (if ($before | describe) == "string" { $before | split row ":" } else { $before })
    let name = (if ($cas_prompt | is-empty) { $root | path basename } else { $cas_prompt })
    load-env {
        VIRTUAL_ENV: $root
        VIRTUAL_ENV_PROMPT: $name
        PATH: ($path | prepend $bin)
    }
    if "PYTHONHOME" in $env { hide-env PYTHONHOME }
    let disabled = (if "VIRTUAL_ENV_DISABLE_PROMPT" in $env { $env.VIRTUAL_ENV_DISABLE_PROMPT } else { "" })
    if ($disabled | into string | is-empty) and ("PROMPT_COMMAND" in $env) {
        let prompt = $env.PROMPT_COMMAND
        $env.PROMPT_COMMAND = (if ($prompt | describe) == "closure" {
            {|| $"\(($name)\) (do $prompt)" }
        } else {
            {|| $"\(($name)\) ($prompt)" }
        })
    }
}

export alias pydoc = ^python -m pydoc
export alias deactivate = overlay hide activate
)cas";

}  // namespace cas
