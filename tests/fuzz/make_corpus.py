#!/usr/bin/env python3
"""Writes seeds for the fuzz targets: make_corpus.py DIRECTORY."""

import base64
import hashlib
import io
import json
import pathlib
import struct
import sys
import tarfile
import zipfile

INFO = "fuzz-1.0.dist-info/"


def record_hash(content, algorithm="sha256"):
    digest = hashlib.new(algorithm, content).digest()
    return algorithm + "=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Unseekable(io.RawIOBase):
    """Makes zipfile write data descriptors."""

    def __init__(self):
        self.out = io.BytesIO()

    def writable(self):
        return True

    def write(self, data):
        return self.out.write(data)


def wheel(files=(), compression=zipfile.ZIP_DEFLATED, comment=b"", stream=False, algorithm="sha256", modes=None, zip64=False):
    members = {
        "fuzz/__init__.py": b"",
        "fuzz/core.py": b"def main():\n    return 0\n",
        INFO + "METADATA": b"Metadata-Version: 2.1\nName: fuzz\nVersion: 1.0\nRequires-Python: >=3.8\nRequires-Dist: x\n",
        INFO + "WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        INFO + "entry_points.txt": b"[console_scripts]\nfuzz = fuzz.core:main [x]\n",
    }
    members.update(files)
    rows = [f"{name},{record_hash(content, algorithm)},{len(content)}" for name, content in members.items()]
    members[INFO + "RECORD"] = "\n".join(rows + [INFO + "RECORD,,", ""]).encode()
    target = Unseekable() if stream else io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        archive.comment = comment
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = compression
            info.external_attr = ((modes or {}).get(name, 0o100644)) << 16
            with archive.open(info, "w", force_zip64=zip64) as member:
                member.write(content)
    return (target.out if stream else target).getvalue()


def wheels():
    yield "plain", wheel()
    yield "stored", wheel(compression=zipfile.ZIP_STORED)
    yield "comment", wheel(comment=b"a comment with PK\5\6 in it")
    yield "stream", wheel(stream=True)
    yield "zip64", wheel(zip64=True)
    yield "sha512", wheel(algorithm="sha512")
    yield "executable", wheel(modes={"fuzz/core.py": 0o100755})
    yield "data", wheel({
        "fuzz-1.0.data/scripts/tool": b"#!python\nprint()\n",
        "fuzz-1.0.data/data/share/x": b"x",
        "fuzz-1.0.data/platlib/fuzz/y.so": b"y" * 500,
        "fuzz-1.0.data/headers/h.h": b"h",
    })
    # Large enough for parts of it to be absent.
    yield "parts", wheel({"fuzz/a.py": b"a = 1\n" * 50, "fuzz/b.py": b"b", "fuzz/large.bin": bytes(i * i >> 8 & 255 for i in range(70_000))},
                         compression=zipfile.ZIP_STORED)
    yield "unicode", wheel({"fuzz/caf\u00e9.txt": b"x"})


TEXTS = {
    "record": b"\0" + b'a/b.py,sha256=abc,12\n"c, ""d""",x,\nR,,\r\n',
    "hash": b"\1" + record_hash(b"").encode(),
    "entry_points": b"\2[console_scripts]\n# comment\nfoo-bar = a.b:c.d [x,y]\n[gui_scripts]\n  w=m:f\n  [other]\nq\n",
    "headers": b"\3Name: fuzz\r\nVersion: 1.0\nLicense: a\n  b\n\nbody\n",
    "version": b"\4" + b"1!1.0a2.post3.dev4+l.5\n>=1.0a1,!=2.*,~=1.1,<3,===x",
    "requirement": b"\x09Foo.Bar [a, B_c] >=1.0,!=1.5.*,~=1.4,===x ; python_version < '3' or (extra == \"t\" and os.name not in 'nt')",
    "requirement_url": b"\x09foo[x] @ git+https://example.org/a@v1#egg=foo&sha256=ab ; sys_platform == 'linux'",
    "marker": b"\x0a'3.8' <= python_full_version and ('x' in extras or platform_release ~= '6.1') or os_name == 'a\\x41\\101\\q'",
    "requirement_file": b"\x0b# coding: utf-8\nfoo==1 \\\n --hash=sha256:" + b"a" * 64 + b" # c\n-r a.txt --pre\n-e ./x[y] -C a='b c'\n"
    b"--index-url https://${USER}@example.org\n./a.whl; os_name=='x'\n-c https://example.org/c.txt\0bar<2\n--no-binary :all:\n",
    "requirement_file_utf16": b"\x0b" + "foo>=1\u00a0# x\n-i y".encode("utf-16"),
    "wheel_name": b"\5fuzz-1.0-1-py2.py3-none-any.whl",
    "project": b"\x12[project]\nname = 'a'\ndependencies = ['six>=1']\n[project.optional-dependencies]\nx = ['a[y]; extra == \"z\"']\n"
               b"y = ['b']\n[dependency-groups]\nd = [{include-group = 'e'}, 'c']\ne = []\n",
    "script": b"\x13# dependencies = ['six>=1']\n#\n# requires-python = '>=3.8'\n# ///\n\n# /// script\n# a = 1\n# ///\n",
    "pip_report": b'\x14{"version":"1","install":[{"download_info":{"url":"https://f.example/a-1-py3-none-any.whl",'
                  b'"archive_info":{"hash":"sha256=' + b"a" * 64 + b'"}},"is_direct":false,"metadata":{"name":"a","version":"1"}}]}',
    "pylock": b"\x11lock-version = '1.0'\ncreated-by = 'x'\nextras = ['a']\n[[packages]]\nname = 'a'\nversion = '1'\nmarker = \"'a' in extras\"\n"
              b"dependencies = [{name = 'b'}]\nwheels = [{url = 'https://f.example/a-1-py3-none-any.whl', size = 3, upload-time = 2024-01-02T03:04:05Z, "
              b"hashes = {sha256 = '" + b"a" * 64 + b"'}}]\n",
    "pylock_listing": b"\x11lock-version = '1.0'\ncreated-by = 'x'\n[[packages]]\nname = 'a'\n"
                      b"wheels = [{url = 'https://f.example/a-1-py3-none-any.whl', hashes = {sha256 = '" + b"a" * 64 + b"'}}]\n"
                      b"[packages.tool.cas]\nrecord-sha256 = {'a-1-py3-none-any.whl' = '" + b"b" * 64 + b"'}\n"
                      b"directory-sha256 = {'a-1-py3-none-any.whl' = '" + b"c" * 64 + b"'}\n",
    "json_page": b'\x0c{"meta":{"api-version":"1.1"},"name":"x","versions":["1.0"],"files":[{"filename":"x-1.0.tar.gz",'
                 b'"url":"../x-1.0.tar.gz","hashes":{"sha256":"' + b"a" * 64 + b'","md5":"b"},"requires-python":">=3.8",'
                 b'"yanked":"no","size":3,"core-metadata":{"sha256":"' + b"b" * 64 + b'"},"dist-info-metadata":true,'
                 b'"upload-time":"2024-01-02T03:04:05Z"}]}',
    "html_page": b"\x0d<!DOCTYPE html><html><head><meta name='pypi:repository-version' content='1.0'><base href='https://f.example/'>"
                 b"<!-- c --></head><body><a href='/x-1.0.whl#sha256=" + b"a" * 64 + b"' data-requires-python='&gt;=3' data-yanked=''"
                 b" data-core-metadata='sha256=" + b"b" * 64 + b"'>x</a><br></body></html>",
    "http_headers": b"\x0eContent-Range: bytes 1-2/3\r\nCache-Control: no-cache, max-age=5\r\n"
                    b"machine one.example login x\n\tpassword \"y\"\n",
    "cache_entry": b"\x0fstatus 200\nfresh-for 60\nurl https://a.example/\ncontent-type text/html\netag \"x\"\nlast-modified \n\nbody",
    "pip_config": b"\x15[global]\nindex-url = https://a.example/simple\nextra_index_url =\n  https://b.example/\n  # c\n  https://c.example/\n"
                  b"[install]\nno-index: yes\n; c\n[DEFAULT]\nfind-links = a b\n",
    "uv_config": b"\x16index-url = 'https://a.example/'\nfind-links = ['w']\nno-build = true\nprerelease = 'allow'\n[[index]]\nname = 'x'\n"
                 b"url = 'https://b.example/'\ndefault = true\n[pip]\nrequire-hashes = true\nno-binary = ['y']\n[tool.uv]\nno-index = false\n",
    "tool_variables": b"\x17one=https://a.example/ https://b.example/?x=y,1",
    "url": b"\x10//us%20er:pw@b.example:8080/../x/./y z?q#f",
}


def tar(members, mode="w:gz", format=tarfile.GNU_FORMAT):
    """Of (path, type, content or target)."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode, format=format) as archive:
        for path, kind, what in members:
            info = tarfile.TarInfo(path)
            info.type = kind
            info.mtime = 1_700_000_000
            if kind == tarfile.REGTYPE:
                info.size = len(what)
            elif what:
                info.linkname = what.decode()
            archive.addfile(info, io.BytesIO(what) if kind == tarfile.REGTYPE else None)
    return target.getvalue()


def archives():
    file, link, hard, folder = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE
    plain = [("p-1", folder, b""), ("p-1/setup.py", file, b"x = 1\n"), ("p-1/in/a.py", file, b"a" * 700)]
    for name in ("gz", "bz2", "xz", ""):
        yield "plain." + (name or "tar"), tar(plain, "w:" + name)
    yield "pax", tar([("p-1/" + "long/" * 40 + "\u00e9.py", file, b"x")], "w:", tarfile.PAX_FORMAT)
    yield "long_name", tar([("p-1/" + "long/" * 40 + "x.py", file, b"x")], "w:")
    yield "links", tar(plain + [("p-1/to", link, b"in"), ("p-1/also", link, b"to/../setup.py"), ("p-1/hard", hard, b"p-1/setup.py")], "w:")
    yield "chain", tar([("p-1/here", link, b"."), ("p-1/out", link, b"here/../../up")], "w:")
    yield "up", tar([("p-1/../../up", file, b"x")], "w:")
    yield "through", tar([("p-1/out", link, b"../.."), ("p-1/out/up", file, b"x")], "w:")
    yield "root", tar([("/up", file, b"x"), ("p-1/hard", hard, b"/etc/passwd")], "w:")
    yield "twice", tar(plain + [("p-1/setup.py", file, b"y"), ("p-1/setup.py", link, b"in/a.py")], "w:")
    yield "kinds", tar([("p-1/fifo", tarfile.FIFOTYPE, b""), ("p-1/device", tarfile.CHRTYPE, b"")], "w:")
    for name, compression in (("zip", zipfile.ZIP_DEFLATED), ("stored.zip", zipfile.ZIP_STORED)):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", compression) as archive:
            archive.writestr("p-1/setup.py", b"x = 1\n")
            archive.writestr("p-1/../../up", b"x")
            to = zipfile.ZipInfo("p-1/to")
            to.external_attr = 0o120777 << 16
            archive.writestr(to, b"../..")
        yield name, target.getvalue()


DOCUMENTS = {
    "archive_url": b'\0{"url": "https://example.org/a.zip", "archive_info": {"hash": "sha256=' + b"a" * 64 + b'", "hashes": {"sha256": "' + b"a" * 64
                   + b'"}}, "subdirectory": "x"}',
    "vcs_url": b'\0{"url": "https://example.org/r.git", "vcs_info": {"vcs": "git", "commit_id": "abc", "requested_revision": "v1"}}',
    "directory_url": b'\0{"url": "file:///x%20y", "dir_info": {"editable": true}}',
    "written": b"\1a@b/c?d#e\nv1",
    "settings": b'\2index-url = "https://example.org/simple"\nextra-index-url = ["https://example.org/x"]\nfind-links = ["wheels", "https://example.org/l"]\n'
                b'python = ">=3.10"\nno-index = true\nlink-mode = "hardlink"\nmax-lock-age = "7d"\n',
    "user_settings": b'\2store = "here"\nresolver = "pip"\ntrusted-host = ["h"]\npre = false\npython = "/usr/bin/python3"\n',
}


def string(text):
    return struct.pack(">I", len(text)) + text


def manifest():
    digest = bytes(range(32))
    fields = [b"Pkg", b"pkg", b"1.0", b"pkg-1.0-py3-none-any.whl", b"pkg-1.0.dist-info", b"py3", b"none", b"any", b"", b">=3.8"]
    needs = struct.pack(">I", 1) + string(b"six")
    entry = struct.pack(">IB", 1, 0) + string(b"pkg") + string(b"pkg.cli") + string(b"main")
    file = b"\0\0" + string(b"pkg/__init__.py") + digest + b"\0" + struct.pack(">Q", 7)
    return (b"casM" + struct.pack(">H", 2) + digest + struct.pack(">QB", 100, 0) + b"\1" + digest + digest + b"\0"
            + b"".join(map(string, fields)) + needs + entry + struct.pack(">I", 1) + file)


def plan():
    digest = bytes(range(32))
    count = struct.Struct(">I").pack
    return (b"casplan\3" + string(b"bin") + count(2) + string(b"") + string(b"lib")
            + count(1) + count(1) + count(0) + digest + b"\0" + struct.pack(">Q", 7) + string(b"a.py")
            + count(1) + count(1) + b"\0" + string(b"e.py")
            + count(1) + count(1) + digest + b"\0" + struct.pack(">Q", 3) + string(b"l.so")
            + count(2) + b"\0" + string(b"bin/x") + b"\0" + string(b"m") + string(b"f") + string(b"x")
            + b"\1" + string(b"bin/y") + digest + b"\1" + struct.pack(">Q", 9)
            + count(1) + string(b"RECORD") + string(b"a.py,,\n") + count(1) + count(0)
            + count(1) + string(b"a.py") + string(b"p 1") + string(b"q 1"))


ANCHOR = {
    "cas-anchor": 1, "id": "a" * 32, "target": "/e", "linked": True, "created": 1, "interpreter": "/usr/bin/python3", "python": "3.11.2", "base": "system",
    "link-mode": "hardlink", "plan": "b" * 64, "site-packages": "lib/python3.11/site-packages", "scripts": "bin", "headers": "include/site/python3.11",
    "relocatable": False, "packages": [{"artifact": "c" * 64, "name": "six", "version": "1.17.0", "requested": True, "direct-url": ""}],
    "history": "d" * 32, "revision": 2, "replaces": "e" * 32, "command": "install",
}
STORED = {
    "manifest": b"\0" + manifest(),
    "plan": b"\1" + plan(),
    "own": b"\2casO" + struct.pack(">HI", 1, 1) + string(b"lib/a.py") + bytes(33),
    "journal": b"\3casJ1" + string(b"new-" + b"a" * 32) + 3 * (struct.pack(">I", 1) + string(b"lib/a.py")),
    "anchor": b"\4" + json.dumps(ANCHOR).encode(),
    "pin": b'\5{"cas-pin": 1, "id": "ffffffffffffffffffffffffffffffff", "kind": "package", "what": "six==1.17.0", "created": 1, "packages": [{"artifact": "' + b"a" * 64
           + b'", "name": "six", "version": "1.17.0"}]}',
    "sharing": b"\7cas shared 1\ngroup 100\n",
    **{f"row{n}": b"\x08" + bytes([n]) + bytes(size) for n, size in enumerate((29, 4, 88, 8, 73))},
}


def main():
    root = pathlib.Path(sys.argv[1])
    for folder, seeds in (("wheel", wheels()), ("text", TEXTS.items()), ("archive", archives()), ("document", DOCUMENTS.items()),
                          ("store", STORED.items())):
        (root / folder).mkdir(parents=True, exist_ok=True)
        for name, content in seeds:
            (root / folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
