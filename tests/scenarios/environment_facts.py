"""What can be seen of an environment, from outside and by its own Python; tests/scenarios/compared_with_peers.sh calls it.

    environment_facts.py collect ENV BASE           facts as JSON, one name and value each; BASE: where its Python is installed
    environment_facts.py inside                     what the Python that runs this says (3.6 and later)
    environment_facts.py compare ALLOWED PEER KIND THEIRS OURS
                                                    prints each difference that ALLOWED does not name; exit status 1 if there is one

The places that two environments cannot have in common are replaced: <ENV>, <BASE>, <HOME> and <NAME> stand for them.

ALLOWED holds groups of lines:

    [NAME] why this difference is meant
    PEERS KINDS WHAT FACT [THEIRS -> OURS]

PEERS and KINDS are the words given to compare, `*` is all. WHAT is `added` (only ours has the fact), `missing` (only theirs) or
`differs`. FACT and what follows are regular expressions for the whole; without values any are allowed.
"""

import base64
import csv
import hashlib
import json
import os
import re
import stat
import subprocess
import sys

OLDEST_TIME_OF_ZIP = 315532800  # 1980-01-01; older files cannot be packed by zipfile


# --- seen from outside ------------------------------------------------------------------------------------------------


def files(env):
    """Kind, mode, target and content of everything in the environment."""
    for folder, folders, names in os.walk(env):
        for name in folders + names:
            path = os.path.join(folder, name)
            place = os.path.relpath(path, env)
            found = os.lstat(path)
            if stat.S_ISLNK(found.st_mode):
                yield "file:" + place, "symlink"
                yield "target:" + place, os.readlink(path)
                yield "reaches:" + place, os.path.realpath(path)
                continue
            yield "file:" + place, "directory" if stat.S_ISDIR(found.st_mode) else "regular"
            yield "mode:" + place, "%o" % stat.S_IMODE(found.st_mode)
            yield "owner:" + place, found.st_uid == os.getuid()
            yield "packable:" + place, found.st_mtime >= OLDEST_TIME_OF_ZIP
            if not stat.S_ISREG(found.st_mode) or place.endswith(".pyc") or place == "pyvenv.cfg" or name == "RECORD":
                continue
            with open(path, "rb") as file:
                content = file.read()
            if content.startswith(b"#!") and place.startswith("bin/"):
                shebang, _, text = content.partition(b"\n")
                yield "shebang:" + place, shebang.decode("utf-8", "replace")
                yield "text:" + place, text.decode("utf-8", "replace")
            else:
                yield "content:" + place, hashlib.sha256(content).hexdigest()[:16]


def settings(env):
    with open(os.path.join(env, "pyvenv.cfg"), encoding="utf-8") as file:
        for line in file:
            key, _, value = line.partition("=")
            yield "cfg:" + key.strip(), value.strip()


def records(env):
    """Each row of each RECORD as it fits the disk, and files that none names."""
    for folder, folders, names in os.walk(os.path.join(env, "lib")):
        if not folder.endswith(".dist-info") or "RECORD" not in names:
            continue
        site = os.path.dirname(folder)
        package = os.path.basename(folder)
        with open(os.path.join(folder, "RECORD"), newline="", encoding="utf-8") as file:
            for path, digest, size in csv.reader(file):
                place = os.path.join(site, path)
                verdict = "no hash" if os.path.lexists(place) else "absent"
                if digest and verdict != "absent":
                    with open(place, "rb") as named:
                        content = named.read()
                    expected = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
                    verdict = "fits" if (digest, size) == ("sha256=" + expected, str(len(content))) else "does not fit"
                yield "record:%s:%s" % (package, path), verdict


def activation(env, home):
    """The variables that `activate` sets, and what `deactivate` leaves."""
    start = {"PATH": "/usr/bin:/bin", "HOME": home, "LC_ALL": "C.UTF-8", "PYTHONHOME": "/nowhere"}
    seen = "printf 'PS1=%s\\0' \"$PS1\"; env -0"
    script = "PS1='$ '; . ./bin/activate; %s; printf 'and then'; deactivate; %s" % (seen, seen)
    output = subprocess.check_output(["bash", "--norc", "--noprofile", "-c", script], cwd=env, env=start).decode()
    for word, part in zip(("activate", "deactivate"), output.split("and then", 1)):
        for variable in part.split("\0"):
            name, _, value = variable.partition("=")
            if name and name not in ("_", "SHLVL", "PWD"):
                yield "%s:%s" % (word, name), value


def told_by_python(env, home):
    surroundings = {"PATH": "/usr/bin:/bin", "HOME": home, "LC_ALL": "C.UTF-8"}
    output = subprocess.check_output([os.path.join(env, "bin", "python"), "-B", os.path.abspath(__file__), "inside"], env=surroundings)
    return json.loads(output.decode()).items()


def replaced(value, places):
    if isinstance(value, str):
        for pattern, word in places:
            value = pattern.sub(word, value)
        return value
    if isinstance(value, list):
        return [replaced(item, places) for item in value]
    return value


def collect(env, base):
    env = os.path.abspath(env)
    home = os.environ["HOME"]
    # Of a prefix that is not Python's own (/usr) only Python's places are its base.
    within_base = r"(?=$|/bin(?:$|/(?:python|idle|pydoc|2to3))|/lib(?:$|/(?:lib)?python)|/(?:include|share)(?:$|/python))"
    places = [
        (re.compile(re.escape(env) + r"(?![\w.-])"), "<ENV>"),
        (re.compile(r"\b" + os.path.basename(env) + r"(?![\w.-])"), "<NAME>"),
        (re.compile(re.escape(base) + (within_base if base == "/usr" else r"(?![\w.-])")), "<BASE>"),
        (re.compile(re.escape(home)), "<HOME>"),
    ]
    facts = {}
    for part in (files(env), settings(env), records(env), activation(env, home), told_by_python(env, home)):
        for name, value in part:
            facts[name] = replaced(value, places)
    json.dump(facts, sys.stdout, indent=1, sort_keys=True)


# --- seen from inside -------------------------------------------------------------------------------------------------


def inside():
    loaded = sorted(set(sys.modules))
    import site
    import sysconfig

    facts = {"sys.modules at the start": [name for name in loaded if name not in outside_modules()]}
    for name in ("prefix", "exec_prefix", "base_prefix", "base_exec_prefix", "executable", "_base_executable", "_home",
                 "platlibdir", "pycache_prefix", "dont_write_bytecode", "real_prefix", "version", "abiflags"):
        facts["sys." + name] = getattr(sys, name, None)
    facts["sys.path"] = sys.path[1:]
    facts["sys.flags"] = [str(value) for value in sys.flags]
    facts["sys.cache_tag"] = sys.implementation.cache_tag
    facts["sys.meta_path"] = [getattr(finder, "__name__", type(finder).__name__) for finder in sys.meta_path]
    facts["site.ENABLE_USER_SITE"] = site.ENABLE_USER_SITE
    facts["site.PREFIXES"] = site.PREFIXES
    facts["site.getsitepackages"] = site.getsitepackages()
    facts["site.USER_BASE"] = site.getuserbase()
    facts["sysconfig.get_platform"] = sysconfig.get_platform()
    facts["sysconfig.get_makefile_filename"] = sysconfig.get_makefile_filename()
    facts["sysconfig.get_config_h_filename"] = sysconfig.get_config_h_filename()
    facts["sysconfig.is_python_build"] = bool(sysconfig.is_python_build())
    for place, path in sysconfig.get_paths().items():
        facts["sysconfig.path:" + place] = path
    for scheme in sysconfig.get_scheme_names():
        if scheme.startswith(("nt", "osx")):
            continue
        for place, path in sysconfig.get_paths(scheme).items():
            facts["sysconfig.scheme:%s:%s" % (scheme, place)] = path
    for name, value in sysconfig.get_config_vars().items():
        facts["sysconfig.var:" + name] = value
    facts.update(distutils_facts())
    facts.update(distribution_facts())
    json.dump(facts, sys.stdout)


def outside_modules():
    """What this file itself imports."""
    names = subprocess.check_output(
        [sys.executable, "-B", "-S", "-E", "-c", "import base64, csv, hashlib, json, os, re, stat, subprocess, sys\n"
         "print('\\n'.join(sys.modules))"])
    return set(names.decode().split())


def distutils_facts():
    if sys.version_info >= (3, 12):
        return
    import warnings

    warnings.simplefilter("ignore")
    try:
        from distutils import sysconfig
        from distutils.command.install import INSTALL_SCHEMES
    except ImportError:
        return
    yield "distutils.get_python_inc", sysconfig.get_python_inc()
    yield "distutils.get_python_lib", sysconfig.get_python_lib()
    yield "distutils.get_makefile_filename", sysconfig.get_makefile_filename()
    yield "distutils.INSTALL_SCHEMES", sorted(INSTALL_SCHEMES)


def distribution_facts():
    try:
        from importlib import metadata
    except ImportError:
        return
    for found in metadata.distributions():
        name = "metadata:" + found.metadata["Name"]
        for path in found.files or []:
            yield "%s:file:%s" % (name, path), os.path.exists(str(path.locate()))
        yield name + ":version", found.version
        yield name + ":requires", sorted(found.requires or [])
        yield name + ":entry_points", sorted(str((point.group, point.name, point.value)) for point in found.entry_points)
        for text in ("INSTALLER", "REQUESTED", "direct_url.json", "WHEEL", "top_level.txt"):
            yield name + ":" + text, found.read_text(text)


# --- compared ---------------------------------------------------------------------------------------------------------


def allowed_lines(path, peer, kind):
    """(what, fact, values, group) of the lines that are about these two environments."""
    group = None
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            heading = re.match(r"\[([a-z0-9-]+)\] \S", line)
            if heading:
                group = heading.group(1)
                continue
            words = line.split(None, 4)
            if group is None or len(words) < 4 or words[2] not in ("added", "missing", "differs"):
                sys.exit("%s:%d: neither a group nor a difference: %s" % (path, number, line))
            if words[0] in ("*", peer) and words[1] in ("*", kind):
                yield words[2], re.compile(words[3]), re.compile(words[4] if len(words) == 5 else ".*", re.DOTALL), group


def shortened(values):
    text = values.replace("\n", "\\n")
    return text if len(text) <= 600 else text[:600] + "..."


def compare(allowed, peer, kind, theirs, ours):
    with open(theirs, encoding="utf-8") as file:
        text = file.read()
    # Of a standalone environment both are one place.
    theirs = json.loads(text.replace("<BASE>", "<ENV>") if kind == "standalone" else text)
    with open(ours, encoding="utf-8") as file:
        ours = json.load(file)
    lines = list(allowed_lines(allowed, peer, kind))
    unexpected = 0
    used = set()
    for fact in sorted(set(theirs) | set(ours)):
        if fact in theirs and fact in ours and theirs[fact] == ours[fact]:
            continue
        what = "added" if fact not in theirs else "missing" if fact not in ours else "differs"
        values = "%s -> %s" % (theirs.get(fact, ""), ours.get(fact, ""))
        for known, pattern, expected, group in lines:
            if known == what and pattern.fullmatch(fact) and expected.fullmatch(values):
                used.add(group)
                break
        else:
            unexpected += 1
            print("%s, %s: %s %s: %s" % (peer, kind, fact, what, shortened(values)))
    print("# %s %s: %d facts, %s" % (peer, kind, len(ours), " ".join(sorted(used))))
    return unexpected


if __name__ == "__main__":
    if sys.argv[1:] == ["inside"]:
        inside()
    elif sys.argv[1] == "collect":
        collect(*sys.argv[2:])
    else:
        sys.exit(1 if compare(*sys.argv[2:]) else 0)
