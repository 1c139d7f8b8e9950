#include "linker/activation/bodies.hpp"

namespace cas {

// For fish 3.1 and later.
const std::string_view kFishBody = R"cas(
function _cas_status
    return $argv[1]
end

function _cas_activate
    set -l prompt $argv[1]
    set -l here $argv[2]
    string match -q -- '/*' $here; or set here $PWD/$here
    set -l root
    for file in $here (builtin realpath -- $here 2>/dev/null | string collect)
        set root (string replace -r -- '/[^/]*$' '' $file | string collect)/..
        # Without "." and "..", but with symbolic links as the user named them, where this fish can do so.
        set root (builtin realpath -s -- $root 2>/dev/null | string collect; or string replace -r -- '/[^/]*/[.][.]$' '' $root | string collect)
        test -f $root/pyvenv.cfg; and break
        set root
    end
    if test -z "$root"
        echo "activate.fish: there is no environment around $here" >&2
        return 1
    end
    if string match -q -- '*:*' $root
        echo "activate.fish: $root: a directory with a colon in its name cannot stand in PATH" >&2
        return 1
    end

    functions -q deactivate; and set -q VIRTUAL_ENV; and deactivate nondestructive

    function deactivate -d 'Leave the active Python environment'
        if set -q _OLD_VIRTUAL_PATH
            set -gx PATH $_OLD_VIRTUAL_PATH
            set -e _OLD_VIRTUAL_PATH
        end
        if set -q _OLD_VIRTUAL_PYTHONHOME
            set -gx PYTHONHOME $_OLD_VIRTUAL_PYTHONHOME
            set -e _OLD_VIRTUAL_PYTHONHOME
        end
        if set -q _OLD_FISH_PROMPT_OVERRIDE
            set -e _OLD_FISH_PROMPT_OVERRIDE
            if functions -q _old_fish_prompt
                functions -e fish_prompt
                functions -c _old_fish_prompt fish_prompt
                functions -e _old_fish_prompt
            end
        end
        if set -q _cas_pydoc
            set -e _cas_pydoc
            functions -e pydoc
        end
        set -e VIRTUAL_ENV
        set -e VIRTUAL_ENV_PROMPT
        if test "$argv[1]" != nondestructive
            functions -q _cas_status; and functions -e _cas_status
            functions -e deactivate
        end
    end

    set -gx VIRTUAL_ENV $root
    test -n "$prompt"; or set prompt (string replace -r -- '^(.|\n)*/' '' $root | string collect)
    set -gx VIRTUAL_ENV_PROMPT $prompt
    set -g _OLD_VIRTUAL_PATH $PATH
    set -gx PATH $VIRTUAL_ENV/bin $PATH
    if set -q PYTHONHOME
        set -g _OLD_VIRTUAL_PYTHONHOME $PYTHONHOME
        set -e PYTHONHOME
    end
    if test -z "$VIRTUAL_ENV_DISABLE_PROMPT"; and functions -q fish_prompt
        functions -q _old_fish_prompt; and functions -e _old_fish_prompt
        functions -c fish_prompt _old_fish_prompt
        function fish_prompt
            set -l before $status
            printf '(%s) ' "$VIRTUAL_ENV_PROMPT"
            # The user's prompt may show how the last command ended.
            _cas_status $before
            _old_fish_prompt
        end
        set -g _OLD_FISH_PROMPT_OVERRIDE $VIRTUAL_ENV
    end
    if not functions -q pydoc
        function pydoc -d "The environment's pydoc"
            python -m pydoc $argv
        end
        set -g _cas_pydoc 1
    end
end

_cas_activate $_cas_prompt (status filename | string collect)
set -l ended $status
functions -e _cas_activate
set -e _cas_prompt
_cas_status $ended
)cas";

}  // namespace cas
