#include "linker/activation/bodies.hpp"

namespace cas {

// For every shell that understands POSIX's language, with `set -e` and `set -u`, whatever aliases, functions and options the
// user has. What only one shell can read stands in `eval`.
const std::string_view kPosixBody = R"cas(
# An alias would take part in reading the definition below.
unalias deactivate 2>/dev/null || :

deactivate () {
    if [ -n "${_OLD_VIRTUAL_PATH+set}" ]; then
        export PATH="$_OLD_VIRTUAL_PATH"
        unset _OLD_VIRTUAL_PATH
    fi
    if [ -n "${_OLD_VIRTUAL_PYTHONHOME+set}" ]; then
        export PYTHONHOME="$_OLD_VIRTUAL_PYTHONHOME"
        unset _OLD_VIRTUAL_PYTHONHOME
    fi
    if [ -n "${_OLD_VIRTUAL_PS1+set}" ]; then
        PS1=$_OLD_VIRTUAL_PS1
        unset _OLD_VIRTUAL_PS1
    fi
    if [ -n "${_cas_pydoc+set}" ]; then
        unset -f pydoc || :
        unset _cas_pydoc
    fi
    # The shell may remember where it found python.
    hash -r 2>/dev/null || :
    unset VIRTUAL_ENV VIRTUAL_ENV_PROMPT || :
    if [ "${1-}" != nondestructive ]; then
        unset -f deactivate || :
    fi
}

# The environment whose bin holds the file "$1": sets _cas_root, or returns 1.
_cas_look () {
    case $1 in
        */*) _cas_root=${1%/*} ;;
        *) _cas_root=. ;;
    esac
    # With a slash behind it, because the shell takes off newlines at the end. `command`: the user may have a cd of his own.
    _cas_root=$(CDPATH=; \command cd -- "$_cas_root/.." >/dev/null 2>&1 && printf '%s/' "$PWD") || return 1
    _cas_root=${_cas_root%/}
    [ -f "$_cas_root/pyvenv.cfg" ]
}

# The file that the shell is reading now, by its open files: sets _cas_root, or returns 1.
_cas_look_at_open_files () {
    [ -r /proc/self/stat ] || return 1
    # In a subshell "$$" is another process.
    IFS=' ' read -r _cas_pid _cas_rest </proc/self/stat || return 1
    for _cas_file in /proc/"$_cas_pid"/fd/*; do
        [ -f "$_cas_file" ] || continue
        _cas_file=$(readlink "$_cas_file" 2>/dev/null && echo /) || continue
        _cas_file=${_cas_file%?/}
        case $_cas_file in
            */bin/activate) if _cas_look "$_cas_file"; then return 0; fi ;;
        esac
    done
    return 1
}

# From here on all variables are set outside of functions: zsh can be told to complain of others.
_cas_here='' _cas_root='' _cas_shown='' _cas_file='' _cas_pid='' _cas_rest=''
if [ -n "${ZSH_VERSION-}" ]; then
    # Without `cd`, which may have hooks.
    eval '_cas_here=${${(%):-%x}:a}'
    # There, control characters are made visible; "$0" is an option.
    [ -f "$_cas_here" ] || eval '_cas_here=${0:a}'
    _cas_root=${_cas_here%/*/*}
    # Read through a symbolic link?
    [ -f "$_cas_root/pyvenv.cfg" ] || eval '_cas_root=${_cas_here:A:h:h}'
elif [ -n "${BASH_VERSION-}" ]; then
    _cas_here=${BASH_SOURCE-}
elif (eval ': "${.sh.file}"') 2>/dev/null; then
    eval '_cas_here=${.sh.file}'
fi
if [ -n "$_cas_root" ] && [ -f "$_cas_root/pyvenv.cfg" ]; then
    :
elif [ -n "$_cas_here" ] && _cas_look "$_cas_here"; then
    :
elif [ -n "$_cas_here" ] && _cas_look "$(readlink -f -- "$_cas_here" 2>/dev/null)"; then
    : # read through a symbolic link
elif [ -z "$_cas_here" ] && _cas_look_at_open_files; then
    :
else
    _cas_root=$_cas_made_at
fi

if [ ! -f "$_cas_root/pyvenv.cfg" ]; then
    echo "activate: there is no environment at $_cas_root" >&2
    _cas_root=
else
    case $_cas_root in
        *:*)
            echo "activate: $_cas_root: a directory with a colon in its name cannot stand in PATH" >&2
            _cas_root=
            ;;
    esac
fi

if [ -n "$_cas_root" ]; then
    deactivate nondestructive

    VIRTUAL_ENV=$_cas_root
    VIRTUAL_ENV_PROMPT=${_cas_prompt:-${_cas_root##*/}}
    export VIRTUAL_ENV VIRTUAL_ENV_PROMPT
    _OLD_VIRTUAL_PATH=${PATH-}
    PATH=$VIRTUAL_ENV/bin${PATH:+:$PATH}
    export PATH
    if [ -n "${PYTHONHOME+set}" ]; then
        _OLD_VIRTUAL_PYTHONHOME=$PYTHONHOME
        unset PYTHONHOME
    fi

    # A shell without a prompt gets none: many a script takes PS1 for the sign of a terminal.
    if [ -n "${PS1+set}" ] && [ -z "${VIRTUAL_ENV_DISABLE_PROMPT-}" ]; then
        _OLD_VIRTUAL_PS1=$PS1
        _cas_shown=$VIRTUAL_ENV_PROMPT
        case $_cas_shown in
            *\\* | *\$* | *\`* | *%* | *\!* | *\"* | *\'*)
                # The shell would interpret these in PS1, but not in a variable that PS1 names.
                if [ -n "${ZSH_VERSION-}" ] && eval '[[ -o promptsubst ]]'; then
                    _cas_shown='${VIRTUAL_ENV_PROMPT//\%/%%}'
                elif [ -n "${ZSH_VERSION-}" ]; then
                    eval '_cas_shown=${VIRTUAL_ENV_PROMPT//\%/%%}'
                elif [ -n "${BASH_VERSION-}" ] && ! shopt -q promptvars; then
                    eval '_cas_shown=${VIRTUAL_ENV_PROMPT//\\/\\\\}'
                elif [ -n "$_cas_here" ] && [ -z "${BASH_VERSION-}" ]; then
                    # ksh93 puts the number of the command for "!", there too.
                    _cas_shown='${VIRTUAL_ENV_PROMPT//\!/!!}'
                else
                    _cas_shown='${VIRTUAL_ENV_PROMPT-}'
                fi
                ;;
        esac
        PS1="($_cas_shown) $PS1"
    fi

    # Unless the user has something of that name.
    case $(command -v pydoc 2>/dev/null || :) in
        '' | /*)
            eval 'pydoc () { python -m pydoc "$@"; }'
            _cas_pydoc=1
            ;;
    esac
    hash -r 2>/dev/null || :
    _cas_here=done
else
    [ -n "${_OLD_VIRTUAL_PATH+set}" ] || unset -f deactivate
    _cas_here=failed
fi

unset -f _cas_look _cas_look_at_open_files
unset _cas_made_at _cas_prompt _cas_root _cas_shown _cas_file _cas_pid _cas_rest
[ "$_cas_here" = done ] || { unset _cas_here; return 1; }
unset _cas_here
)cas";

}  // namespace cas
