"""Starts shells with `cas shell` at a pseudo-terminal; tests/scenarios/shell.sh calls it.

    shell.py ENV      prints a line per shell; exit status 1 and a line per fault

Each shell has start-up files of the user, which set PATH and the prompt anew, as many do.
"""

import os
import pty
import re
import select
import shutil
import sys
import time

ENV = os.path.realpath(sys.argv[1])
NAME = os.path.basename(ENV)
HOME = os.environ["HOME"]
CAS = os.environ["CAS_BIN"]
PATIENCE = 30  # seconds, after which a shell is taken to hang
FRESH_PATH = "/usr/local/bin:/usr/bin:/bin"
POSIX_RC = f"PATH={FRESH_PATH}; PS1='READY> '; MINE=yes; export MINE\n"

# Program, the user's start-up file, its text, further variables, how to leave with status 7.
SHELLS = [
    ("bash", ".bashrc", POSIX_RC, {}, "exit 7"),
    ("zsh", ".zshrc", POSIX_RC + "unsetopt zle prompt_sp prompt_cr\n", {}, "exit 7"),
    ("zsh", "dots/.zshrc", POSIX_RC + "unsetopt zle prompt_sp prompt_cr\n", {"ZDOTDIR": HOME + "/dots"}, "exit 7"),
    ("dash", "rc", POSIX_RC, {"ENV": HOME + "/rc"}, "exit 7"),
    ("sh", "rc", POSIX_RC, {"ENV": HOME + "/rc"}, "exit 7"),
    ("ksh93", ".kshrc", POSIX_RC, {}, "exit 7"),
    ("mksh", ".mkshrc", POSIX_RC, {}, "exit 7"),
    (
        "fish",
        ".config/fish/config.fish",
        f"set -gx PATH {FRESH_PATH.replace(':', ' ')}\nfunction fish_prompt; printf 'READY> '; end\nset -gx MINE yes\n",
        {},
        "exit 7",
    ),
    ("tcsh", ".tcshrc", f"setenv PATH {FRESH_PATH}\nset prompt = 'READY> '\nsetenv MINE yes\n", {}, "exit 7"),
    ("csh", ".cshrc", f"setenv PATH {FRESH_PATH}\nset prompt = 'READY> '\nsetenv MINE yes\n", {}, "exit 7"),
    (
        "xonsh",
        ".xonshrc",
        "$PATH = " + repr(FRESH_PATH.split(":")) + "\n$PROMPT = '{env_name}READY> '\n$MINE = 'yes'\n$SHELL_TYPE = 'readline'\n",
        {},
        "__import__('os')._exit(7)  # its own exit gives no status",
    ),
    ("pwsh", None, "", {}, "exit 7"),
    ("nu", None, "", {}, "exit 7"),
]
faults = 0


def fault(*words):
    global faults
    faults += 1
    print("FAULT:", *words, flush=True)


def session(command, environment, leave):
    """Asks the shell what it has, leaves it with status 7; what was seen, and the status."""
    pid, fd = pty.fork()
    if pid == 0:
        os.closerange(3, 256)
        os.chdir(HOME)
        os.execvpe(command[0], command, environment)
    seen, sent = "", 0
    steps = [
        (re.escape(f"({NAME}) READY> "), "./ask"),
        (r"ASKED .*READY> ", leave),
    ]
    end = time.monotonic() + PATIENCE
    data = b""
    while time.monotonic() < end:
        if select.select([fd], [], [], 0.2)[0]:
            try:
                data += os.read(fd, 65536)
            except OSError:
                break
        seen = re.sub(rb"\x1b(\[[0-9;?]*[a-zA-Z]|[()][A-Z0-9]|[=>])", b"", data).decode("utf-8", "replace").replace("\r", "")
        if sent < len(steps) and re.search(steps[sent][0], seen, re.S):
            os.write(fd, (steps[sent][1] + "\n").encode())
            sent += 1
    else:
        os.kill(pid, 9)
    os.close(fd)
    return seen, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main():
    with open(HOME + "/ask", "w", encoding="utf-8") as out:
        out.write(
            "#!/bin/sh\n"
            'python -c \'import os, sys; print("ASKED", sys.prefix, os.environ["VIRTUAL_ENV"], os.environ["MINE"])\'\n'
            'echo "HOME=$HOME ENV=${ENV-none} ZDOTDIR=${ZDOTDIR-none}"\n'
            'echo "FILES" $(ls /proc/self/fd | wc -l)\n'
        )
    os.chmod(HOME + "/ask", 0o755)
    for program, rc, text, more, leave in SHELLS:
        path = shutil.which(program)
        if not path or not rc:
            print(f"skipped: {program} is not installed" if not path else f"skipped: {program} is not driven here")
            continue
        rc = os.path.join(HOME, rc)
        os.makedirs(os.path.dirname(rc), exist_ok=True)
        with open(rc, "w", encoding="utf-8") as out:
            out.write(text)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": HOME,
            "SHELL": path,
            "TERM": "dumb",
            "LC_ALL": "C.UTF-8",
            "TMPDIR": HOME + "/tmp",
            **more,
        }
        seen, status = session([CAS, "shell", ENV], environment, leave)
        os.remove(rc)
        wanted = [
            f"ASKED {ENV} {ENV} yes\n",
            f"HOME={HOME} ENV={more.get('ENV', 'none')} ZDOTDIR={more.get('ZDOTDIR', 'none')}\n",
            # Standard ones, and that of `ls` itself; xonsh keeps its start-up file.
            "FILES 5\n" if program == "xonsh" else "FILES 4\n",
        ]
        for part in wanted:
            if part not in seen:
                fault(program, "does not say", repr(part), "but", repr(seen[-1500:]))
        if status != 7:
            fault(program, "ended with status", status)
        left = [name for name in os.listdir(HOME + "/tmp") if name.startswith("cas-")]
        if left:
            fault(program, "left behind", left)
        print(f"{program}: seen", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
