#!/usr/bin/env python3
"""What a store and its environments are after the power failed: logs a disk's writes beneath a working cas, and goes through crash states.

    crash_states.py --cas CAS --block-log BLOCK_LOG --work DIR --filesystem ext4|xfs|btrfs
                    [--durability none|batch|strict] [--states 12] [--seed 1] [--only NUMBER]

A DIR in which a session was recorded is used again, so that a state can be looked at once more with --only.

The filesystem lies in an image that block_log (beside this file) shows as a disk and writes a log of. On it, cas goes through a
session, while a stranger forces the journal again and again. Then, for each state: a moment is chosen; every write before the last
flush ahead of it is there, and of those behind it all, none, or some, one of them perhaps only in part. The image is made
so and mounted, and must hold what docs/reliability.md promises. Needs root, loop devices and /dev/fuse. DIR should lie in memory.

Writes are torn at 4096 bytes: the least that filesystems ask of a disk for their own superblocks.
"""

import argparse
import bisect
import fcntl
import hashlib
import json
import os
import random
import signal
import stat
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import check_store  # noqa: E402

SIZES = {"ext4": "96M", "xfs": "304M", "btrfs": "160M"}
MKFS = {
    "ext4": ["mkfs.ext4", "-q", "-F", "-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0", "-J", "size=8"],
    "xfs": ["mkfs.xfs", "-q", "-f", "-K"],
    "btrfs": ["mkfs.btrfs", "-q", "-f", "-K"],
}
# Journals are to be written often: what waits for them is what goes wrong.
MOUNT = {"ext4": "commit=1", "xfs": "noatime", "btrfs": "commit=1"}
TORN = 4096
BTRFS_START_SYNC = 0x80089418
BOOT_ID = "/proc/sys/kernel/random/boot_id"


def run(*command, check=True, **options):
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: status {done.returncode}: {done.stdout}{done.stderr}")
    return done


def make_wheel(directory, name, version, files):
    """A pure wheel with these modules."""
    import base64
    import zipfile

    info = f"{name}-{version}.dist-info"
    files = dict(files)
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{name}-run = {name}:main\n"
    rows = ""
    path = directory / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            rows += f"{member},sha256={digest},{len(text.encode())}\n"
            archive.writestr(zipfile.ZipInfo(member, (2020, 1, 1, 0, 0, 0)), text)
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD", (2020, 1, 1, 0, 0, 0)), f"{rows}{info}/RECORD,,\n")
    return path


def make_wheels(directory):
    directory.mkdir()
    rng = random.Random(7)

    def module(size):
        return f'text = "{rng.randbytes(size // 2).hex()}"\n'

    few = {"few/__init__.py": "", "few/a.py": module(9000), "few/both.py": "same = 1\n"}
    many = {f"many/m{n}.py": module(200 + 300 * n) for n in range(40)} | {"many/__init__.py": "", "many/data.bin": module(600000)}
    return {
        "few1": make_wheel(directory, "few", "1.0", few),
        "few2": make_wheel(directory, "few", "2.0", few | {"few/a.py": module(7000), "few/b.py": module(3000)}),
        "many1": make_wheel(directory, "many", "1.0", many),
        "many2": make_wheel(directory, "many", "2.0", many | {"many/m3.py": module(5000), "many/new.py": module(100)}),
        "late": make_wheel(directory, "late", "1.0", {f"late/l{n}.py": module(2000 + n) for n in range(12)}),
    }


def session(wheels):
    """The commands, as a user would give them; "sync" is the machine's own."""
    create = ["create", "-p", "/usr/bin/python3", "--base", "system"]
    return [
        ["add", wheels["few1"], wheels["many1"]],
        [*create, "e1", wheels["few1"], wheels["many1"]],
        [*create, "e2", wheels["few1"]],
        ["sync"],
        [*create, "e1", wheels["few2"], wheels["many1"]],
        ["add", wheels["late"]],
        [*create, "--link-mode", "copy", "e3", wheels["late"], wheels["few1"]],
        ["rollback", "e1", "1"],
        ["remove", "e2"],
        ["gc"],
        ["sync"],
        ["move", "e3", "e4"],
        [*create, "e5", wheels["many2"]],
        ["remove", "e5"],
        ["gc", "--drop-history"],
        [*create, "e5", wheels["few2"], wheels["many2"]],
        ["index", "rebuild"],
        [*create, "e6", wheels["few2"]],
        ["sync"],
        [*create, "e6", wheels["few2"], wheels["late"]],
    ]


class Machine:
    """Where cas runs: the boot that it sees is ours to say."""

    def __init__(self, options, mount):
        self.options, self.mount = options, mount
        self.environment = dict(os.environ, HOME=str(options.work), CAS_DURABILITY=options.durability, NO_COLOR="1", LC_ALL="C.UTF-8")
        for name in ("CAS_INDEX", "CAS_FAILPOINT", "CAS_STORE"):
            self.environment.pop(name, None)

    def cas(self, *words, check=True):
        return run(self.options.cas, "--store", self.mount / "store", *words, cwd=self.mount, env=self.environment, check=check)

    def tree(self, name):
        return tree_of(self.mount / name)


def anchor_text(path):
    """Without the id: what another command finishes has another one."""
    try:
        return json.dumps({**json.loads(path.read_bytes()), "id": ""}).encode()
    except ValueError:
        return path.read_bytes()


def tree_of(root):
    """Everything below: path to mode and bytes or link; None: it is not there. No times."""
    if not root.exists():
        return None
    tree = {}
    for directory, directories, files in os.walk(root):
        for name in sorted(directories) + sorted(files):
            path = Path(directory, name)
            info = path.lstat()
            content = ""
            if stat.S_ISLNK(info.st_mode):
                content = os.readlink(path)
            elif stat.S_ISREG(info.st_mode):
                content = hashlib.sha256(anchor_text(path) if name == "anchor" else path.read_bytes()).hexdigest()
            tree[str(path.relative_to(root))] = f"{info.st_mode:o} {content}"
    return tree


def difference(found, allowed):
    """In what a tree differs from the one among those that is nearest."""
    def from_one(tree):
        return sorted(path for path in {*found, *tree} if found.get(path) != tree.get(path))
    return min((from_one(tree) for tree in allowed if tree is not None), key=len, default=["all of it"])


class Stranger(threading.Thread):
    """Another program on the same filesystem that forces its journal, and with it the names of others' files, but not their bytes."""

    def __init__(self, mount, filesystem, seed):
        super().__init__(daemon=True)
        self.mount, self.filesystem = mount, filesystem
        self.rng = random.Random(seed)
        self.stopped = threading.Event()

    def run(self):
        file = os.open(self.mount / "stranger", os.O_CREAT | os.O_WRONLY, 0o600)
        while not self.stopped.wait(self.rng.choice((0.001, 0.004, 0.01, 0.03))):
            os.pwrite(file, os.urandom(16), 0)
            if self.filesystem == "btrfs" and self.rng.random() < 0.5:
                fcntl.ioctl(file, BTRFS_START_SYNC, bytearray(8))
            else:
                os.fsync(file)
        os.close(file)


class Log:
    """The writes and flushes, in order."""

    def __init__(self, path):
        self.file = open(path, "rb")
        self.records = []  # (is a flush, offset on the disk, length, place in the log, end in the log)
        size, at = os.stat(path).st_size, 0
        while at + 24 <= size:
            kind, offset, length = struct.unpack("=QQQ", os.pread(self.file.fileno(), 24, at))
            end = at + 24 + (length if kind == 1 else 0)
            self.records.append((kind == 2, offset, length, at + 24, end))
            at = end
        self.ends = [record[4] for record in self.records]

    def after(self, log_bytes):
        """How many records were there when the log had so many bytes."""
        return bisect.bisect_right(self.ends, log_bytes)

    def last_flush(self, moment):
        """How many of the first `moment` records are sure to be on the disk."""
        for n in range(moment - 1, -1, -1):
            if self.records[n][0]:
                return n + 1
        return 0

    def apply(self, image, n, first=0, last=None):
        flush, offset, length, place, _ = self.records[n]
        if not flush:
            last = length if last is None else last
            os.pwrite(image, os.pread(self.file.fileno(), last - first, place + first), offset + first)


def copy_sparse(source, target):
    with open(source, "rb") as old, open(target, "wb") as new:
        size = os.fstat(old.fileno()).st_size
        os.truncate(new.fileno(), size)
        at = 0
        while at < size:
            try:
                at = os.lseek(old.fileno(), at, os.SEEK_DATA)
            except OSError:
                break
            end = os.lseek(old.fileno(), at, os.SEEK_HOLE)
            os.lseek(new.fileno(), at, os.SEEK_SET)
            while at < end:
                at += os.sendfile(new.fileno(), old.fileno(), at, end - at)


def unmount(path):
    for _ in range(50):
        if run("umount", path, check=False).returncode == 0:
            return
        time.sleep(0.1)
    run("umount", "--lazy", path)


class Recording:
    """A session on a logged disk, and what was true after each of its commands."""

    def __init__(self, options):
        self.options = options
        work = options.work
        self.base, self.log_path, kept = work / "base.img", work / "log", work / "moments.json"
        if kept.exists():
            self.moments = [(done, command, trees, set(packages)) for done, command, trees, packages in json.loads(kept.read_text())]
            self.log = Log(self.log_path)
            return
        image, show, mount = work / "image", work / "show", work / "disk"
        with open(self.base, "wb") as file:
            run("truncate", "-s", SIZES[options.filesystem], file.name)
        run(*MKFS[options.filesystem], self.base)
        copy_sparse(self.base, image)
        show.mkdir()
        mount.mkdir()
        server = subprocess.Popen([options.block_log, image, self.log_path, show], stdin=subprocess.DEVNULL)
        try:
            for _ in range(100):
                if os.path.ismount(show):
                    break
                time.sleep(0.05)
            device = run("losetup", "--find", "--show", show / "disk").stdout.strip()
            try:
                run("mount", "-t", options.filesystem, "-o", MOUNT[options.filesystem], device, mount)
                try:
                    self.work_on(mount)
                finally:
                    unmount(mount)
            finally:
                run("losetup", "--detach", device)
        finally:
            unmount(show)
            server.wait(timeout=60)
        image.unlink()
        self.log = Log(self.log_path)
        texts = [(done, list(map(str, command)), trees, sorted(packages)) for done, command, trees, packages in self.moments]
        kept.write_text(json.dumps(texts))

    def work_on(self, mount):
        machine = Machine(self.options, mount)
        run("sync", "--file-system", mount)
        self.moments = []  # (bytes in the log when the command was done, the command, environments, packages)
        self.note(machine, ["nothing"])
        stranger = Stranger(mount, self.options.filesystem, self.options.seed)
        stranger.start()
        try:
            for command in session(make_wheels(self.options.work / "wheels")):
                if command == ["sync"]:
                    run("sync", "--file-system", mount)
                else:
                    machine.cas(*command)
                self.note(machine, command)
        finally:
            stranger.stopped.set()
            stranger.join()

    def note(self, machine, command):
        done = self.log_path.stat().st_size
        environments = {name: machine.tree(name) for name in ("e1", "e2", "e3", "e4", "e5", "e6")}
        self.moments.append((done, command, environments, packages_in(machine.mount / "store")))


def packages_in(store):
    """Name and version of what the index has; read without cas."""
    path = store / "index" / "data.mdb"
    if not path.exists():
        return set()
    found = set()
    for value in check_store.Pages(path).tables()["packages.v1"].values():
        row = check_store.Reader(value)
        row.raw(32 + 8 * 5 + 4 + 1)
        row.string()
        found.add((row.string() + b" " + row.string()).decode())
    return found


class State:
    """One way in which the disk may have been left."""

    def __init__(self, recording, number, seed):
        rng = random.Random(f"{seed} {number}")
        log, moments = recording.log, recording.moments
        start = log.after(moments[0][0])
        # Half of them shortly after a command was done, or somewhere in its work: there the promises begin.
        if rng.random() < 0.5:
            done = log.after(rng.choice(moments)[0])
            self.moment = min(len(log.records), max(start, done + rng.choice((0, 0, 0, 1, 2, 5, -1, -3, -8))))
        else:
            self.moment = rng.randint(start, len(log.records))
        self.sure = log.last_flush(self.moment)
        self.kind = rng.choice(("in order", "nothing more", "some", "some", "some", "torn", "torn"))
        behind = [n for n in range(self.sure, self.moment) if not log.records[n][0]]
        self.more = []  # (record, first byte, last byte)
        if self.kind == "in order":
            self.more = [(n, 0, None) for n in behind]
        elif self.kind != "nothing more":
            share = rng.choice((0.1, 0.5, 0.9))
            self.more = [(n, 0, None) for n in behind if rng.random() < share]
            large = [i for i, (n, _, _) in enumerate(self.more) if log.records[n][2] > TORN]
            if self.kind == "torn" and large:
                i = rng.choice(large)
                n = self.more[i][0]
                cut = TORN * rng.randrange(1, (log.records[n][2] + TORN - 1) // TORN)
                self.more[i] = (n, 0, cut) if rng.random() < 0.5 else (n, cut, None)
        self.done = max(i for i, moment in enumerate(moments) if log.after(moment[0]) <= self.moment)
        self.number = number

    def __str__(self):
        return f"state {self.number}: {self.moment} writes, {self.sure} sure, {self.kind} ({len(self.more)})"


class Examination:
    def __init__(self, options, recording):
        self.options, self.recording = options, recording
        # At the same place as the disk was: environments know where they are.
        self.image, self.mount = options.work / "state.img", options.work / "disk"
        self.mount.mkdir(exist_ok=True)
        self.unfinished = 0
        self.behind = 0

    def look(self, state):
        """What is wrong with this state; empty: nothing."""
        device = run("mount", "-t", self.options.filesystem, "-o", "loop", self.image, self.mount, check=False)
        if device.returncode != 0:
            return [f"the filesystem cannot be mounted: {device.stderr}"]
        try:
            return self.look_inside(state)
        finally:
            unmount(self.mount)

    def look_inside(self, state):
        problems = []
        machine = Machine(self.options, self.mount)
        moments, now = self.recording.moments, state.done
        store = self.mount / "store"
        if not (store / "version").exists():
            done = machine.cas("add", *sorted((self.options.work / "wheels").iterdir()), check=False)
            if now > 0:
                problems.append("the store is gone")
            if done.returncode != 0:
                problems.append(f"cas add: status {done.returncode}: {done.stderr}")
            return problems

        def expect(*words, statuses=(0,)):
            done = machine.cas(*words, check=False)
            if done.returncode not in statuses:
                problems.append(f"cas {' '.join(map(str, words))}: status {done.returncode}: {done.stdout}{done.stderr}")
            return done

        # A rebuild that was interrupted says so, and has to be run again.
        if (store / "rebuilding").exists():
            self.unfinished += 1
            # With lost packages it says so by its status, too.
            expect("index", "rebuild", statuses=(0, 1) if self.options.durability == "none" else (0,))
        # What is looked at first is what the crash left; then what the first command makes of it.
        beginning = not (store / "index" / "data.mdb").exists() and not any((store / "manifests").glob("*"))
        if self.options.durability != "none" and not beginning:
            problems += self.check_store("at once")
        expect("verify", "--contents")
        expect("list")
        if self.options.durability != "none":
            problems += self.check_environments(state, machine, expect)
            problems += self.check_packages(state)
        problems += self.check_store("after a look")
        expect("gc")
        expect("verify", "--contents")
        problems += self.check_store("after a collection", quiescent=self.options.durability != "none")
        left = [str(path.relative_to(self.mount)) for path in self.mount.glob(".cas-*")]
        if left and self.options.durability != "none":
            problems.append(f"left behind: {left}")
        wheels = self.options.work / "wheels"
        chosen = [wheels / "few-2.0-py3-none-any.whl", wheels / "many-1.0-py3-none-any.whl"]
        expect("create", "-p", "/usr/bin/python3", "--base", "system", "--no-compile-bytecode", "e9", *chosen)
        problems += self.check_store("in the end")
        return problems

    def check_environments(self, state, machine, expect):
        problems = []
        moments, now = self.recording.moments, state.done
        # Since the last time when everything was synchronised each of them may be what it was after any command; but not less.
        synced = max((i for i in range(now + 1) if moments[i][1] == ["sync"]), default=0)
        first = now if self.options.durability == "strict" else synced
        moving = any((self.mount / "store" / "running").iterdir())
        for name in moments[0][2]:
            allowed = [moments[i][2][name] for i in range(first, min(now + 2, len(moments)))]
            path = self.mount / name
            if (path / ".cas").exists() and (moving or (path / ".cas" / "journal").exists() or list((path / ".cas").glob("new-*"))):
                self.unfinished += 1
                expect("doctor", "--fix", name)
            found = machine.tree(name)
            if found not in allowed:
                differs = f"differs in {', '.join(difference(found, allowed)[:8])}" if found else "is gone"
                problems.append(f"{name}: is neither what it was nor what it was to be: {differs}")
            elif found != moments[now][2][name]:
                self.behind += 1
        return problems

    def check_packages(self, state):
        moments, now = self.recording.moments, state.done
        before = moments[now][3]
        after = moments[min(now + 1, len(moments) - 1)][3]
        found = packages_in(self.mount / "store")
        if before & after - found:
            return [f"packages that were added are gone: {sorted(before & after - found)}"]
        return [f"packages nobody added: {sorted(found - before - after)}"] if found - before - after else []

    def check_store(self, when, quiescent=False):
        check = check_store.Check(str(self.mount / "store"), None, True, quiescent, self.options.durability == "none")
        check.run(())
        return [f"{when}: {problem}" for problem in check.problems]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cas", required=True, type=Path)
    parser.add_argument("--block-log", required=True, type=Path)
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--filesystem", required=True, choices=sorted(SIZES))
    parser.add_argument("--durability", default="batch", choices=("none", "batch", "strict"))
    parser.add_argument("--states", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--most", type=int, default=5, help="stop after so many states with problems")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    # What was mounted is unmounted whatever ends this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    recording = Recording(options)
    flushes = sum(record[0] for record in recording.log.records)
    if options.durability == "none":
        # After the machine was started again. (A mount namespace of our own is the caller's business.)
        (options.work / "boot").write_text("11111111-2222-4333-8444-555555555555\n")
        run("mount", "--bind", options.work / "boot", BOOT_ID)
    print(f"{options.filesystem}: {len(recording.moments) - 1} commands, {len(recording.log.records) - flushes} writes, {flushes} flushes "
          f"in {time.monotonic() - started:.1f} s", flush=True)
    started = time.monotonic()
    states = [State(recording, number, options.seed) for number in range(options.states)]
    if options.only is not None:
        states = [states[options.only]]
    states.sort(key=lambda state: state.sure)
    examination = Examination(options, recording)
    rolling = options.work / "rolling.img"
    copy_sparse(recording.base, rolling)
    applied = looked_at = bad = 0
    try:
        for state in states:
            with open(rolling, "r+b") as file:
                for n in range(applied, state.sure):
                    recording.log.apply(file.fileno(), n)
            applied = max(applied, state.sure)
            copy_sparse(rolling, examination.image)
            with open(examination.image, "r+b") as file:
                for n, first, last in state.more:
                    recording.log.apply(file.fileno(), n, first, last)
            problems = examination.look(state)
            looked_at += 1
            if not problems:
                continue
            bad += 1
            command = recording.moments[min(state.done + 1, len(recording.moments) - 1)][1]
            print(f"{state}, done {state.done}, then {' '.join(map(str, command))}", flush=True)
            for problem in problems[:12]:
                print(f"    {problem}", flush=True)
            if bad == options.most:
                break
    finally:
        print(f"{options.filesystem}, {options.durability}: {looked_at} states, {bad} with problems; {examination.unfinished} with something "
              f"to finish, {examination.behind} environments older than reported; {time.monotonic() - started:.1f} s", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
