"""Drives shells through the activation scripts of environments; tests/scenarios/activation.sh calls it.

    activation_shells.py FOLDER [SHELL...]

FOLDER holds environments, one per odd name, moved there after they were made. A file expected-prompt in one of them holds
the prompt that it was made with.

Every shell is told to activate and deactivate, and to call a probe in between, which writes down what a program
started there sees. Prompts are read from a pseudo-terminal. Prints a line per shell; exit status 1 and a line per fault.
"""

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time

FOLDER = os.path.realpath(sys.argv[1])
NAMES = sorted(os.listdir(FOLDER))
SCRATCH = os.path.join(os.environ["CAS_TEST_TMP"], "shells")
PROBE = os.path.join(SCRATCH, "probe")
LOG = os.path.join(SCRATCH, "log")
PATIENCE = 15  # seconds, after which a shell is taken to hang
faults = []


def fault(*words):
    faults.append(" ".join(str(word) for word in words))
    print("FAULT:", *words, flush=True)


def surroundings(**more):
    """What shells start with: the same for all, no rc files of anybody."""
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": SCRATCH,
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        "PYTHONHOME": "/no/python/here",
        "T_PROBE": PROBE,
        "T_LOG": LOG,
        "XONSHRC": "",
        "XONSH_DATA_DIR": SCRATCH,
        "XDG_CONFIG_HOME": SCRATCH,
        "XDG_DATA_HOME": SCRATCH,
    }
    for number, name in enumerate(NAMES):
        environment[f"T_{number}"] = os.path.join(FOLDER, name)
    environment.update(more)
    return environment


START = surroundings()


def make_probe():
    os.makedirs(SCRATCH)
    with open(PROBE, "w", encoding="utf-8") as out:
        # -I: PYTHONHOME must not reach it.
        out.write(
            f"#!{os.path.realpath('/usr/bin/python3')} -I\n"
            "import json, os, subprocess, sys\n"
            "seen = {n: os.environ.get(n) for n in ('VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT', 'PATH', 'PYTHONHOME')}\n"
            "if seen['VIRTUAL_ENV']:\n"
            "    seen['prefix'] = subprocess.run(['python', '-c', 'import sys; sys.stdout.buffer.write("
            'sys.prefix.encode("utf-8", "surrogateescape"))\'], stdout=subprocess.PIPE).stdout.decode()\n'
            "with open(os.environ['T_LOG'], 'a') as log:\n"
            "    log.write(json.dumps(seen) + '\\n')\n"
        )
    os.chmod(PROBE, 0o755)


def prompt_of(name):
    """What the environment calls itself."""
    try:
        with open(os.path.join(FOLDER, name, "expected-prompt"), encoding="utf-8") as text:
            return text.read()
    except FileNotFoundError:
        return name


def expected_inside(name):
    root = os.path.join(FOLDER, name)
    return {
        "VIRTUAL_ENV": root,
        "VIRTUAL_ENV_PROMPT": prompt_of(name),
        "PATH": root + "/bin:" + START["PATH"],
        "PYTHONHOME": None,
        "prefix": root,
    }


OUTSIDE = {"VIRTUAL_ENV": None, "VIRTUAL_ENV_PROMPT": None, "PATH": START["PATH"], "PYTHONHOME": START["PYTHONHOME"]}


# A prompt without the name of an environment in front of it. Commands write the word in pieces, so that their echo is none.
BARE_PROMPT = r"(?<!\) )READY> "


class Shell:
    """How one shell is started, and how it says things. `{n}`: the number of an environment."""

    def __init__(self, title, batch, interactive, activate, probe, before="", set_prompt="", skipped=()):
        self.title, self.batch, self.interactive = title, batch, interactive
        self.activate, self.probe, self.before = activate, probe, before
        self.set_prompt, self.skipped = set_prompt, skipped


SH_ACTIVATE = '. "$T_{n}/bin/activate"'
SH_PROBE = '"$T_PROBE"'
SH_PROMPT = "PS1='REA''DY> '"


def posix(title, command, before="set -eu", interactive=None, set_prompt=SH_PROMPT):
    return Shell(title, command, interactive or command + ["-i"], SH_ACTIVATE, SH_PROBE, before, set_prompt)


NEWLINE = tuple(name for name in NAMES if "\n" in name)
ZSH_OPTIONS = (
    "setopt errexit nounset warn_create_global sh_word_split ksh_arrays no_clobber noglob; chpwd() { echo hook; exit 3; }"
)
ZSH_TERMINAL = ["zsh", "-f", "-i", "-o", "nozle", "-o", "nopromptsp", "-o", "nopromptcr"]
SHELLS = [
    posix("bash", ["bash", "--norc"]),
    posix("bash, as sh", ["bash", "--posix", "--norc"]),
    posix(
        "bash, with odd settings",
        ["bash", "--norc"],
        "set -euf -o noclobber; shopt -s expand_aliases; alias cd=false deactivate=false; cd() { false; }; CDPATH=/usr:/",
    ),
    posix("dash", ["dash"]),
    posix("zsh", ["zsh", "-f"], interactive=list(ZSH_TERMINAL)),
    posix("zsh, with odd settings", ["zsh", "-f"], ZSH_OPTIONS, interactive=ZSH_TERMINAL + ["-o", "promptsubst"]),
    posix("ksh", ["ksh93"]),
    posix("mksh", ["mksh"]),
    # These two interpret backslashes in what a prompt's variables hold.
    Shell("busybox", ["busybox", "sh"], None, SH_ACTIVATE, SH_PROBE, "set -eu"),
    Shell("yash", ["yash"], None, SH_ACTIVATE, SH_PROBE, "set -eu"),
    Shell(
        "fish",
        ["fish", "--no-config"],
        ["fish", "--no-config", "-i"],
        'source "$T_{n}/bin/activate.fish"',
        "$T_PROBE",
        set_prompt="function fish_prompt; printf 'REA''DY> '; end",
    ),
    Shell(
        "tcsh",
        ["tcsh", "-f"],
        ["tcsh", "-f", "-i"],
        "source $T_{n}:q/bin/activate.csh",
        "$T_PROBE:q",
        set_prompt="set prompt = 'REA''DY> '",
        skipped=NEWLINE,
    ),
    Shell(
        "csh",
        ["csh", "-f"],
        ["csh", "-f", "-i"],
        "source $T_{n}:q/bin/activate.csh",
        "$T_PROBE:q",
        set_prompt="set prompt = 'REA''DY> '",
        skipped=NEWLINE,
    ),
    Shell(
        "xonsh",
        ["xonsh", "--no-rc"],
        ["xonsh", "--no-rc", "-i", "-DSHELL_TYPE=readline"],
        'source @($T_{n} + "/bin/activate.xsh")',
        "@($T_PROBE)",
        # Not from the start: xonsh is a Python itself.
        before="$PYTHONHOME = '/no/python/here'",
        set_prompt="$PROMPT = '{env_name}REA' 'DY> '",
        # It replaces variables in the entries of PATH.
        skipped=tuple(name for name in NAMES if "$HOME" in name),
    ),
    Shell(
        "pwsh",
        ["pwsh", "-NoProfile", "-File"],
        ["pwsh", "-NoProfile", "-Interactive"],
        '. "$env:T_{n}/bin/Activate.ps1"',
        "& $env:T_PROBE",
        before="Set-StrictMode -Version Latest; $ErrorActionPreference = 'Stop'",
        set_prompt="function prompt { 'REA' + 'DY> ' }",
    ),
    Shell(
        "nu",
        ["nu", "--no-config-file"],
        None,
        "overlay use {literal}",
        "^$env.T_PROBE",
        skipped=tuple(name for name in NAMES if re.search("[\n'`\"]", name)),
    ),
]


def line(shell, text, number):
    literal = "r#'" + os.path.join(FOLDER, NAMES[number], "bin/activate.nu") + "'#"
    return text.replace("{n}", str(number)).replace("{literal}", literal)


def check_batch(shell):
    """Every environment, each on top of the one before or after leaving it; twice; and out again."""
    numbers = [number for number, name in enumerate(NAMES) if name not in shell.skipped]
    lines, expected = [shell.before, shell.probe], [OUTSIDE]
    for turn, number in enumerate(numbers):
        lines += [line(shell, shell.activate, number), shell.probe]
        expected.append(expected_inside(NAMES[number]))
        if turn % 2:
            lines += ["deactivate", shell.probe]
            expected.append(OUTSIDE)
    if shell.title != "nu":  # whose `overlay use` of an active overlay is its own affair
        again = line(shell, shell.activate, numbers[0])
        lines += [again, again, shell.probe, "deactivate", shell.probe]
        expected += [expected_inside(NAMES[numbers[0]]), OUTSIDE]
    script = os.path.join(SCRATCH, "script")
    with open(script, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
    if os.path.exists(LOG):
        os.remove(LOG)
    environment = dict(START)
    if shell.title == "xonsh":
        del environment["PYTHONHOME"]
    try:
        done = subprocess.run(
            shell.batch + [script], env=environment, cwd=SCRATCH, stdin=subprocess.DEVNULL, capture_output=True, timeout=2 * PATIENCE
        )
    except subprocess.TimeoutExpired as hung:
        fault(shell.title, "hangs:", hung.stdout, hung.stderr)
        return 0
    if done.returncode or done.stdout.strip() or done.stderr.strip():
        fault(shell.title, "status", done.returncode, "output", done.stdout[-500:], done.stderr[-1000:])
    seen = []
    if os.path.exists(LOG):
        with open(LOG, encoding="utf-8") as log:
            seen = [json.loads(entry) for entry in log]
    for step, want in enumerate(expected):
        got = seen[step] if step < len(seen) else "nothing"
        if got != want:
            fault(shell.title, "step", step, "\n  wanted", want, "\n  got   ", got)
            break
    if len(seen) > len(expected):
        fault(shell.title, "more steps than expected")
    return len(expected)


class Terminal:
    """A shell at a pseudo-terminal."""

    def __init__(self, command, environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(SCRATCH)
            os.execvpe(command[0], command, environment)
        self.seen = ""

    def send(self, text):
        self.seen = ""
        os.write(self.fd, (text + "\n").encode())

    def wait_for(self, pattern):
        """Whether it appears. Colours and other sequences of the terminal do not count."""
        end = time.monotonic() + PATIENCE
        data = b""
        while time.monotonic() < end:
            if select.select([self.fd], [], [], 0.2)[0]:
                try:
                    data += os.read(self.fd, 65536)
                except OSError:
                    break
            plain = re.sub(rb"\x1b(\[[0-9;?]*[a-zA-Z]|[()][A-Z0-9]|[=>])", b"", data)
            self.seen = plain.decode("utf-8", "replace").replace("\r", "")
            if re.search(pattern, self.seen):
                return True
        return False

    def close(self):
        os.close(self.fd)  # hangs up
        end = time.monotonic() + 5
        while time.monotonic() < end:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return
            time.sleep(0.05)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)


def check_prompts(shell):
    """The prompt shows the name as it is, nothing in it is interpreted, and the old prompt comes back."""
    checked = 0
    for disabled in (False, True):
        environment = surroundings(VIRTUAL_ENV_DISABLE_PROMPT="1") if disabled else surroundings()
        environment.pop("PYTHONHOME")
        terminal = Terminal(shell.interactive, environment)
        try:
            # Put together, so that the echo of the command does not count.
            terminal.send(shell.set_prompt)
            if not terminal.wait_for(BARE_PROMPT):
                fault(shell.title, "does not show its prompt:", repr(terminal.seen))
                continue
            for number, name in enumerate(NAMES):
                if name in shell.skipped or "\n" in prompt_of(name) or (disabled and number > 2):
                    continue
                terminal.send(line(shell, shell.activate, number))
                want = BARE_PROMPT if disabled else re.escape(f"({prompt_of(name)}) READY> ")
                if not terminal.wait_for(want):
                    fault(shell.title, "prompt of", repr(name), "disabled" if disabled else "", "is not in", repr(terminal.seen))
                    return checked
                checked += 1
                if number % 2:
                    terminal.send("deactivate")
                    if not terminal.wait_for(BARE_PROMPT):
                        fault(shell.title, "prompt after", repr(name), "is not restored:", repr(terminal.seen))
                        return checked
        finally:
            terminal.close()
    return checked


def main():
    make_probe()
    wanted = sys.argv[2:]
    for shell in SHELLS:
        if wanted and shell.title not in wanted:
            continue
        if not shutil.which(shell.batch[0]):
            print(f"skipped: {shell.title}: {shell.batch[0]} is not installed")
            continue
        for command in filter(None, (shell.batch, shell.interactive)):
            command[0] = shutil.which(command[0])
        steps = check_batch(shell)
        prompts = check_prompts(shell) if shell.interactive else 0
        print(f"{shell.title}: {steps} steps, {prompts} prompts", flush=True)
    for name in os.listdir(SCRATCH):
        if name.startswith("pwned"):
            fault("a name was executed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
