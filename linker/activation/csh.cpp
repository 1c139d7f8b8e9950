#include "linker/activation/bodies.hpp"

namespace cas {

// For csh and tcsh, which do not tell what they are reading: a POSIX shell looks at their open files. It gets its text through
// a variable, for what stands between a csh's backquotes is replaced twice. A newline in the path is more than csh can carry.
const std::string_view kCshBody = R"cas(
alias deactivate 'test $?_OLD_VIRTUAL_PATH == 0 || setenv PATH $_OLD_VIRTUAL_PATH:q; unset _OLD_VIRTUAL_PATH; test $?_OLD_VIRTUAL_PYTHONHOME == 0 || setenv PYTHONHOME $_OLD_VIRTUAL_PYTHONHOME:q; unset _OLD_VIRTUAL_PYTHONHOME; test $?_OLD_VIRTUAL_PROMPT == 0 || set prompt = $_OLD_VIRTUAL_PROMPT:q; unset _OLD_VIRTUAL_PROMPT; test $?_cas_pydoc == 0 || unalias pydoc; unset _cas_pydoc; unsetenv VIRTUAL_ENV VIRTUAL_ENV_PROMPT; rehash; test "\!:*" == nondestructive || unalias deactivate'

setenv _CAS_MADE_AT $_cas_made_at:q
setenv _CAS_LOOK 'for file in /proc/"$1"/fd/*; do if test -f "$file" && path=$(readlink "$file" && echo /) && path=${path%?/} && test "${path##*/}" = activate.csh && root=${path%/bin/*} && test -f "$root/pyvenv.cfg"; then printf "%s\n" "$root"; exit; fi; done; printf "%s\n" "$_CAS_MADE_AT"'
set _cas_root = "`printenv _CAS_LOOK | sh -s $$`"
unsetenv _CAS_LOOK
unsetenv _CAS_MADE_AT
if ( $#_cas_root != 1 ) set _cas_root = $_cas_made_at:q

set _cas_problem = ''
if ( ! -f $_cas_root:q/pyvenv.cfg ) set _cas_problem = 'there is no environment at'
if ( $_cas_root:q =~ *:* ) set _cas_problem = 'a colon cannot stand in PATH:'
set _cas_status = 0
if ( $_cas_problem:q != '' ) then
    set _cas_status = 1
    echo activate.csh: $_cas_problem:q $_cas_root:q
else
    deactivate nondestructive

    setenv VIRTUAL_ENV $_cas_root:q
    if ( $_cas_prompt:q == '' ) set _cas_prompt = $_cas_root:t:q
    setenv VIRTUAL_ENV_PROMPT $_cas_prompt:q
    if ( $?PATH ) then
        set _OLD_VIRTUAL_PATH = $PATH:q
        setenv PATH $VIRTUAL_ENV:q/bin:$PATH:q
    else
        set _OLD_VIRTUAL_PATH = ''
        setenv PATH $VIRTUAL_ENV:q/bin
    endif
    if ( $?PYTHONHOME ) then
        set _OLD_VIRTUAL_PYTHONHOME = $PYTHONHOME:q
        unsetenv PYTHONHOME
    endif
    set _cas_show = ''
    if ( $?VIRTUAL_ENV_DISABLE_PROMPT ) then
        set _cas_show = $VIRTUAL_ENV_DISABLE_PROMPT:q
    endif
    if ( $?prompt && $_cas_show:q == '' ) then
        set _OLD_VIRTUAL_PROMPT = $prompt:q
        # tcsh looks this up when it shows the prompt, and takes it as it is; the name itself could mean something.
        if ( $?tcsh ) then
            set prompt = '(%$VIRTUAL_ENV_PROMPT) '$prompt:q
        else
            set prompt = '('$_cas_prompt:q') '$prompt:q
        endif
    endif
    unset _cas_show
    if ( "`alias pydoc`" == '' ) then
        alias pydoc 'python -m pydoc \!*'
        set _cas_pydoc
    endif
    rehash
endif
unset _cas_made_at _cas_prompt _cas_root _cas_problem
( exit $_cas_status )
)cas";

}  // namespace cas
