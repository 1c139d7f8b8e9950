"""Writes wheels that must be refused into the folder given, and prints for each: file name, TAB, a part of the message.

Each differs from a sound wheel in one thing.
"""
import base64
import hashlib
import os
import stat
import sys
import zipfile

folder = sys.argv[1]


def digest(data):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def build(name, members=(), modes=(), record=None, scripts="", extra_metadata="", tag="py3-none-any", cut=0):
    """One wheel `name`-1.0; `members` are added to a sound one, `record` edits RECORD's rows."""
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": b"x = 1\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{extra_metadata}".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
    }
    if scripts:
        files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{scripts}\n".encode()
    files.update(members)
    rows = {path: f"{path},{digest(data)},{len(data)}" for path, data in files.items()}
    if record:
        record(rows)
    files[f"{info}/RECORD"] = ("\n".join([*rows.values(), f"{info}/RECORD,,"]) + "\n").encode()
    path = os.path.join(folder, f"{name}-1.0-{tag}.whl")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in files.items():
            entry = zipfile.ZipInfo(member, (2020, 1, 1, 0, 0, 0))
            entry.external_attr = dict(modes).get(member, stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, data)
    if cut:
        with open(path, "r+b") as file:
            file.truncate(os.path.getsize(path) - cut)
    return os.path.basename(path)


def wrong_hash(rows):
    rows["wronghash.py"] = f"wronghash.py,{digest(b'other')},6"


def weak_hash(rows):
    rows["weakhash.py"] = "weakhash.py,md5=AAAAAAAAAAAAAAAAAAAAAA,6"


def no_row(rows):
    del rows["norow.py"]


def no_member(rows):
    rows["absent.py"] = f"absent.py,{digest(b'')},0"


os.makedirs(folder, exist_ok=True)
for file, message in (
    (build("dotdot", {"../escape.py": b"x"}), "../escape.py"),
    (build("absolute", {"/etc/escape": b"x"}), "/etc/escape"),
    (build("symlink", {"evil": b"/etc/passwd"}, {"evil": stat.S_IFLNK | 0o777}.items()), "evil"),
    (build("control", {"a\x01b.py": b"x"}), "b.py"),
    (build("wronghash", record=wrong_hash), "wronghash.py"),
    (build("weakhash", record=weak_hash), "weakhash.py"),
    (build("norow", record=no_row), "norow.py"),
    (build("nomember", record=no_member), "absent.py"),
    (build("badscript", scripts="../../evil = badscript:main"), "../../evil"),
    (build("badobject", scripts="run = badobject:main;import os"), "run"),
    (build("reserved", {"reserved-1.0.data/data/pyvenv.cfg": b"home = /evil\n"}), "pyvenv.cfg"),
    (build("python", scripts="python3 = python:main"), "python3"),
    (build("clash", {"clash": b"x", "clash/inside.py": b"x"}), "clash"),
    (build("truncated", cut=40), "truncated-1.0"),
    (build("long", {"d/" + "n" * 300: b"x"}), "nnn"),
):
    print(f"{file}\t{message}")

# Sound, but for other interpreters: their names are known to the script.
build("windows", tag="cp311-cp311-win_amd64")
build("ancient", tag="cp27-cp27mu-manylinux1_x86_64")
build("future", extra_metadata="Requires-Python: >=99.1\n")
