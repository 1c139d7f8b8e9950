#!/usr/bin/env python3
"""Whether a store keeps its invariants, found out without a line of cas: LMDB's pages one by one, the rest as docs/formats.md says.

    check_store.py [--contents] [--quiescent] [--index DIR] STORE [ENVIRONMENT...]
    check_store.py [--contents] [--quiescent] --each

  --each        the stores are named by standard input, one a line; what is said of each ends with an empty line

  --contents    hashes every object, too
  --store-only  no environment is looked at
  --quiescent   after a collection, with nobody at work: whatever no row or anchor names is a problem
  ENVIRONMENT   must be one of this store, and every file must be as its RECORDs say; those that anchors name are looked at anyway

Prints a line for each problem, then a line with counts as JSON. Status 1 where there are problems.
"""

import argparse
import base64
import csv
import hashlib
import json
import os
import re
import stat
import struct
import sys
from urllib.parse import unquote_to_bytes

SCHEMA = 2
HEADER = 16
BRANCH, LEAF, OVERFLOW = 1, 2, 4
BIG, SUB = 1, 2
TABLES = ("objects.v1", "segments.v1", "packages.v1", "plans.v1", "bytecode.v1", "memo.v1", "meta.v1")
FIRST_TIME = 631152000
SPAN = 1577836800 - FIRST_TIME


class Damaged(Exception):
    pass


class Pages:
    """The file format of LMDB 0.9 on a 64-bit little-endian machine, without dupsort, which the index does not use."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        metas = [meta for meta in (self._meta(0, 4096), self._meta(1, 4096)) if meta]
        if not metas:
            raise Damaged("neither of its two first pages is whole")
        self.txn, self.size, self.last, self.free_db, self.main_db = max(metas)
        if len(self.data) < (self.last + 1) * self.size:
            raise Damaged(f"ends at byte {len(self.data)}, but has pages up to {self.last}")
        self.used = {0: "meta", 1: "meta"}

    def _meta(self, number, size):
        page = self.data[number * size : number * size + size]
        if len(page) < size:
            return None
        magic, version = struct.unpack_from("<II", page, HEADER)
        if magic != 0xBEEFC0DE or version != 1:
            return None
        databases = [struct.unpack_from("<IHHQQQQQ", page, HEADER + 24 + 48 * n) for n in (0, 1)]
        last, txn = struct.unpack_from("<QQ", page, HEADER + 24 + 96)
        return txn, databases[0][0], last, databases[0], databases[1]

    def _take(self, number, owner):
        if not 2 <= number <= self.last:
            raise Damaged(f"{owner}: names page {number} of {self.last + 1}")
        if number in self.used:
            raise Damaged(f"page {number} belongs to {owner} and to {self.used[number]}")
        self.used[number] = owner

    def rows(self, database, owner):
        """(key, value, flags) in the order of the tree."""
        root, entries = database[7], database[6]
        if root == 0xFFFFFFFFFFFFFFFF:
            if entries:
                raise Damaged(f"{owner}: is empty, but counts {entries}")
            return
        found, before = 0, None
        for key, value, flags in self._walk(root, owner, database[2]):
            # Numbers of transactions are in the machine's order, all else is compared as bytes.
            order = struct.unpack("<Q", key)[0] if owner == "free pages" else key
            if before is not None and order <= before:
                raise Damaged(f"{owner}: its keys are not in order")
            before = order
            found += 1
            yield key, value, flags
        if found != entries:
            raise Damaged(f"{owner}: counts {entries} rows, has {found}")

    def _walk(self, number, owner, depth):
        self._take(number, owner)
        at = number * self.size
        own, _, flags, lower, upper = struct.unpack_from("<QHHHH", self.data, at)
        if own != number or lower > upper or upper > self.size:
            raise Damaged(f"{owner}: page {number} is no page of this tree")
        if bool(flags & LEAF) != (depth == 1):
            raise Damaged(f"{owner}: page {number} is not where its kind belongs")
        for n in range((lower - HEADER) // 2):
            node = at + struct.unpack_from("<H", self.data, at + HEADER + 2 * n)[0]
            low, high, node_flags, key_size = struct.unpack_from("<HHHH", self.data, node)
            key = self.data[node + 8 : node + 8 + key_size]
            if flags & BRANCH:
                yield from self._walk(low | high << 16 | node_flags << 32, owner, depth - 1)
                continue
            size, body = low | high << 16, node + 8 + key_size
            if node_flags & BIG:
                first = struct.unpack_from("<Q", self.data, body)[0]
                body = first * self.size + HEADER
                own, _, kind, count = struct.unpack_from("<QHHI", self.data, first * self.size)
                if own != first or not kind & OVERFLOW or size > count * self.size - HEADER:
                    raise Damaged(f"{owner}: page {first} is no overflow page of this tree")
                for page in range(first, first + count):
                    self._take(page, owner)
            yield key, self.data[body : body + size], node_flags

    def tables(self):
        """name -> {key: value}; every page of the file is accounted for once."""
        free = set()
        for _, value, _ in self.rows(self.free_db, "free pages"):
            count = struct.unpack_from("<Q", value)[0]
            pages = struct.unpack_from(f"<{count}Q", value, 8)
            twice = free.intersection(pages)
            if twice:
                raise Damaged(f"page {twice.pop()} is free twice")
            free.update(pages)
        tables = {}
        for key, value, flags in self.rows(self.main_db, "the list of tables"):
            if flags & SUB:
                name = key.decode()
                tables[name] = {k: v for k, v, _ in self.rows(struct.unpack("<IHHQQQQQ", value), name)}
        both = free.intersection(self.used)
        if both:
            raise Damaged(f"page {min(both)} is free, and belongs to {self.used[min(both)]}")
        lost = self.last + 1 - len(self.used) - len(free)
        if lost:
            raise Damaged(f"{lost} pages are neither used nor free")
        self.free = len(free)
        return tables


class Reader:
    """Big-endian numbers and strings with their length in front."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def raw(self, count):
        if self.at + count > len(self.data):
            raise Damaged("ends too early")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, size):
        return int.from_bytes(self.raw(size), "big")

    def string(self):
        return self.raw(self.number(4))

    def end(self):
        if self.at != len(self.data):
            raise Damaged("goes on after its end")


def read_manifest(data):
    """(artifact, [(scheme, kind, path, object key, size)])"""
    reader = Reader(data)
    if reader.raw(4) != b"casM":
        raise Damaged("has not the magic bytes")
    version = reader.number(2)
    if version not in (1, 2):
        raise Damaged(f"has version {version}")
    artifact = reader.raw(32)
    reader.raw(8 + 1)
    if version == 2:
        if reader.number(1):
            reader.raw(64)
        if reader.number(1):
            reader.raw(32)
    for _ in range(10):
        reader.string()
    for _ in range(reader.number(4)):
        reader.string()
    for _ in range(reader.number(4)):
        reader.raw(1)
        for _ in range(3):
            reader.string()
    files = []
    for _ in range(reader.number(4)):
        scheme, kind = reader.number(1), reader.number(1)
        files.append((scheme, kind, reader.string(), reader.raw(33), reader.number(8)))
    reader.end()
    return artifact, files


def object_name(key):
    return key[:32].hex() + ("x" if key[32] else "")


def canonical_time(key):
    return FIRST_TIME + int.from_bytes(key[:8], "big") % SPAN


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.digest()


def look(path):
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def names_in(path):
    try:
        return sorted(os.listdir(path))
    except FileNotFoundError:
        return []


class Check:
    def __init__(self, store, index, contents, quiescent, store_only):
        self.store, self.contents, self.quiescent, self.store_only = store, contents, quiescent, store_only
        self.index = index or os.path.join(store, "index")
        self.problems = []
        self.counts = {"orphans": 0, "environments": 0}
        self.tables = {}
        self.inodes = {}  # of the objects: key

    def problem(self, text):
        self.problems.append(text)

    def within(self, *names):
        return os.path.join(self.store, *names)

    def run(self, environments):
        if not os.path.isdir(self.store):
            return self.problem(f"{self.store} is no store")
        if not self.read_index():
            return None
        self.check_objects()
        self.check_packages()
        self.check_plans()
        named = self.check_anchors()
        if not self.store_only:
            for environment in sorted(set(environments) | named):
                self.check_environment(environment)
            self.check_interpreters()
        if self.quiescent:
            self.check_leftovers()
        return None

    def read_index(self):
        path = os.path.join(self.index, "data.mdb")
        try:
            pages = Pages(path)
            self.tables = pages.tables()
        except (Damaged, OSError, struct.error) as error:
            self.problem(f"{path}: {error}")
            return False
        for name in TABLES:
            if name not in self.tables:
                self.problem(f"the index has no table {name}")
                return False
        if self.tables["meta.v1"].get(b"schema") != SCHEMA.to_bytes(4, "big"):
            self.problem(f"the index's schema is {self.tables['meta.v1'].get(b'schema')}")
        self.counts["pages"] = pages.last + 1
        self.counts["free_pages"] = pages.free
        for name in TABLES:
            self.counts[name.split(".")[0]] = len(self.tables[name])
        return True

    # A row without its file is corruption, a file without a row an orphan.
    def check_objects(self):
        counted = {}
        for key, value in self.tables["objects.v1"].items():
            segment, size = struct.unpack_from(">IQ", value)
            counted[segment] = counted.get(segment, 0) + 1
            shown = f"objects/{segment:08x}/{object_name(key)}"
            info = look(self.within(shown))
            if info is None:
                self.problem(f"{shown}: is in the index, but not there")
                continue
            self.inodes[(info.st_dev, info.st_ino)] = key
            if not stat.S_ISREG(info.st_mode) or info.st_size != size:
                self.problem(f"{shown}: has {info.st_size} bytes, should have {size}")
            elif stat.S_IMODE(info.st_mode) != (0o555 if key[32] else 0o444):
                self.problem(f"{shown}: has mode {stat.S_IMODE(info.st_mode):04o}")
            elif info.st_mtime_ns != canonical_time(key) * 10**9:
                self.problem(f"{shown}: has another time than its content says")
            elif self.contents and sha256_of(self.within(shown)) != key[:32]:
                self.problem(f"{shown}: has other bytes than its name says")
        for number, value in self.tables["segments.v1"].items():
            segment, objects = int.from_bytes(number, "big"), int.from_bytes(value, "big")
            if counted.pop(segment, 0) != objects:
                self.problem(f"segment {segment:08x}: is counted wrongly")
        for segment in counted:
            self.problem(f"segment {segment:08x}: has objects, but no row")
        for segment in names_in(self.within("objects")):
            for name in names_in(self.within("objects", segment)):
                key = bytes.fromhex(name[:64]) + (b"\1" if name.endswith("x") else b"\0") if re.fullmatch("[0-9a-f]{64}x?", name) else b""
                row = self.tables["objects.v1"].get(key)
                if row is None or f"{int.from_bytes(row[:4], 'big'):08x}" != segment:
                    self.counts["orphans"] += 1

    def check_packages(self):
        manifests = set()
        sequence = int.from_bytes(self.tables["meta.v1"].get(b"sequence", b""), "big")
        for artifact, value in self.tables["packages.v1"].items():
            row = Reader(value)
            manifest, number = row.raw(32), row.number(8)
            row.raw(3 * 8 + 8)  # added, used, bytes of the artifact; bytes of the content come next
            shown = f"manifests/{manifest.hex()}"
            manifests.add(manifest.hex())
            if number > sequence:
                self.problem(f"{shown}: its number {number} was never given out")
            self.check_manifest(artifact, shown)
        for name in names_in(self.within("manifests")):
            if name not in manifests:
                self.counts["orphans"] += 1

    def check_manifest(self, artifact, shown):
        try:
            with open(self.within(shown), "rb") as file:
                data = file.read()
            if hashlib.sha256(data).hexdigest() != os.path.basename(shown):
                raise Damaged("has other bytes than its name says")
            named, files = read_manifest(data)
            if named != artifact:
                raise Damaged("is of another package than its row says")
        except (Damaged, OSError) as error:
            self.problem(f"{shown}: {error}")
            return
        for _, _, path, key, size in files:
            row = self.tables["objects.v1"].get(key)
            if size and (row is None or struct.unpack_from(">IQ", row)[1] != size):
                self.problem(f"{shown}: its file {path.decode(errors='replace')} is not in the index")

    def check_plans(self):
        for key, value in self.tables["plans.v1"].items():
            row = Reader(value)
            artifacts, objects = row.string(), row.string()
            for at in range(0, len(artifacts), 32):
                if artifacts[at : at + 32] not in self.tables["packages.v1"]:
                    self.problem(f"plan {key.hex()[:12]}: stands on the package {artifacts[at : at + 32].hex()[:12]}, which is gone")
            for at in range(0, len(objects), 33):
                if objects[at : at + 33] not in self.tables["objects.v1"]:
                    self.problem(f"plan {key.hex()[:12]}: stands on an object that is gone")

    def check_anchors(self):
        """The places of environments that have an anchor of this store."""
        places = set()
        for name in names_in(self.within("roots")):
            if name.startswith("."):
                self.counts["orphans"] += 1
                continue
            shown = f"roots/{name}"
            anchor = self.read_anchor(self.within(shown), shown)
            if anchor is None or anchor["id"] != name:
                if anchor:
                    self.problem(f"{shown}: names itself {anchor['id']}")
                continue
            target = unquote_to_bytes(anchor["target"]).decode(errors="surrogateescape")
            info = look(os.path.join(target, ".cas", "anchor"))
            mine = look(self.within(shown))
            if info and mine and (info.st_dev, info.st_ino) == (mine.st_dev, mine.st_ino):
                places.add(target)
            elif self.quiescent and anchor["linked"]:
                self.problem(f"{shown}: no environment at {target}")
        return places

    def read_anchor(self, path, shown):
        try:
            with open(path, "rb") as file:
                text = file.read()
            if self.store_only and not text:
                return None  # an environment's, that nobody promised
            anchor = json.loads(text)
            if anchor["cas-anchor"] != 1:
                raise Damaged("has another format")
            return anchor
        except (ValueError, KeyError, TypeError, Damaged, OSError) as error:
            self.problem(f"{shown}: is no anchor: {error}")
            return None

    # What an environment is made of is told by the environment itself: RECORDs have the hash of each file.
    def check_environment(self, environment):
        self.counts["environments"] += 1
        anchor = self.read_anchor(os.path.join(environment, ".cas", "anchor"), f"{environment}/.cas/anchor")
        if anchor is None:
            return
        if os.path.exists(os.path.join(environment, ".cas", "journal")):
            self.counts["unfinished"] = self.counts.get("unfinished", 0) + 1
            return  # the next command finishes it
        for package in anchor["packages"]:
            if bytes.fromhex(package["artifact"]) not in self.tables["packages.v1"]:
                self.problem(f"{environment}: its package {package['name']} is not in the index")
        if not look(os.path.join(environment, "pyvenv.cfg")):
            self.problem(f"{environment}: has no pyvenv.cfg")
        for directory, directories, files in os.walk(environment):
            if directory == environment:
                directories[:] = [name for name in directories if name != ".cas"]  # what is staged there is nobody's yet
            for name in files:
                path = os.path.join(directory, name)
                info = os.lstat(path)
                key = self.inodes.get((info.st_dev, info.st_ino))
                if stat.S_ISREG(info.st_mode) and self.contents and key and sha256_of(path) != key[:32]:
                    self.problem(f"{path}: is linked to an object of other bytes")
            if directory.endswith(".dist-info") and os.path.dirname(directory).endswith("-packages"):
                self.check_record(environment, directory)

    def check_record(self, environment, directory):
        record = os.path.join(directory, "RECORD")
        base = os.path.dirname(directory)
        own = os.path.join(os.path.basename(directory), "RECORD")
        try:
            with open(record, newline="", encoding="utf-8", errors="surrogateescape") as file:
                rows = list(csv.reader(file))
        except OSError as error:
            return self.problem(f"{record}: {error}")
        if [own, "", ""] not in rows:
            self.problem(f"{record}: does not name itself, so it is not whole")
        for path, digest, size in (row for row in rows if len(row) == 3):
            full = os.path.normpath(os.path.join(base, path))
            if not look(full):
                self.problem(f"{full}: is in RECORD, but not there")
            elif digest:
                found = base64.urlsafe_b64encode(sha256_of(full)).rstrip(b"=").decode()
                if digest != f"sha256={found}" or int(size) != os.stat(full).st_size:
                    self.problem(f"{full}: is not what RECORD says")
        return None

    # A captured interpreter is links to its manifest's objects.
    def check_interpreters(self):
        for name in names_in(self.within("python")):
            if name.startswith("."):
                continue
            try:
                with open(self.within("python", name, ".cas", "interpreter"), "rb") as file:
                    record = Reader(file.read())
                if record.raw(4) != b"casP":
                    raise Damaged("has not the magic bytes")
                record.raw(2)
                row = self.tables["packages.v1"].get(record.raw(32))
                if row is None:
                    raise Damaged("its package is not in the index")
                with open(self.within("manifests", row[:32].hex()), "rb") as file:
                    files = read_manifest(file.read())[1]
            except (Damaged, OSError) as error:
                self.problem(f"python/{name}: {error}")
                continue
            for scheme, kind, path, key, size in files:
                info = look(os.path.join(os.fsencode(self.within("python", name)), path))
                if scheme == 5 and (info is None or kind != 2 and size and info.st_size != size):
                    self.problem(f"python/{name}/{path.decode(errors='replace')}: is missing, or not of its size")

    def check_leftovers(self):
        if self.counts["orphans"]:
            self.problem(f"{self.counts['orphans']} files that no row names are left")
        for place in ("staging", "running"):
            for name in names_in(self.within(place)):
                self.problem(f"{place}/{name}: was left")
        for name in names_in(self.within("python")):
            if name.startswith(".") and not name.startswith(".gone-"):
                self.problem(f"python/{name}: was left")


def main():
    parser = argparse.ArgumentParser(add_help=True, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contents", action="store_true")
    parser.add_argument("--quiescent", action="store_true")
    parser.add_argument("--store-only", action="store_true")
    parser.add_argument("--index")
    parser.add_argument("--each", action="store_true")
    parser.add_argument("store", nargs="?")
    parser.add_argument("environments", nargs="*")
    options = parser.parse_args()
    if options.each == bool(options.store):
        parser.error("either STORE or --each")
    if not options.each:
        return tell(options, options.store, options.environments)
    for line in sys.stdin:
        tell(options, line.rstrip("\n"), [])
        print(flush=True)
    return 0


def tell(options, store, environments):
    check = Check(os.path.abspath(store), options.index, options.contents, options.quiescent, options.store_only)
    check.run([os.path.abspath(path) for path in environments])
    for text in check.problems:
        print(text)
    print(json.dumps(check.counts))
    return 1 if check.problems else 0


if __name__ == "__main__":
    sys.exit(main())
