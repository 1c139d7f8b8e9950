#!/usr/bin/env python3
"""A package index on 127.0.0.1 for tests, with faults on demand.

    index_server.py FOLDER [--tls CERTIFICATE KEY [--client-ca CERTIFICATE]] [--user NAME:PASSWORD] [--other ORIGIN] [--latency SECONDS] [--rate BYTES]

--client-ca: only clients with a certificate of this authority are answered. --latency: before each answer. --rate: bytes a second, of all answers together.

Prints its port, then serves until its standard input ends. The files of FOLDER are

    /simple/NAME/      the project's page: JSON where Accept prefers it, else HTML     /html/NAME/   HTML whatever is asked for
    /files/FILE        with ranges, ETag and If-Range                                  /links/       a page with links to all files
    /files/FILE.metadata  a wheel's METADATA
    /sent              how many bytes of bodies below /files/ were sent so far
    /log               what was asked so far, one line each: METHOD PATH [Range] [If-None-Match] [Authorization] [gzip]

and below /fault/KIND/... the same paths with a fault:

    cut          a body ends after 1,000 bytes, twice; then it is whole        cut-always   ends every time
    cut-changed  as cut, but the file has another ETag and content afterwards  wrong-range  answers another part than was asked for
    wrong-hash   pages tell wrong hashes      no-hash  none      md5, wrong-md5  only that one
    yanked       all files are, for "broken"  newest-python  all files need Python 99
    500-twice, 429-once, 503-long (Retry-After: 3600), 502-always, 403, 404
    slow         sends a byte a second        loop  redirects to itself        elsewhere    redirects to the same path at ORIGIN
    huge         a body without end           huge-header                      gzip         bodies are compressed
    no-ranges    answers with the whole file         other-etag  another ETag each time, whatever If-Range says
    other-part   as wrong-range, whatever is asked   short-part  gives less than was asked for, and says so
    long-part    more than it says it gives          flip        one byte of each part is another
    no-validator neither ETag nor If-Range           renamed     If-Range never fits
    slow-parts   waits 3 seconds before each part but the first
    bomb         64 kB that become 64 MB      fresh  Cache-Control: max-age=600             drop  closes the connection, twice
"""

import argparse
import base64
import functools
import gzip
import hashlib
import html
import http.server
import json
import os
import pathlib
import re
import socket
import ssl
import sys
import threading
import time
import urllib.parse
import zipfile

JSON = "application/vnd.pypi.simple.v1+json"


def normalize(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@functools.lru_cache(16)
def content_of(file, time):
    """A file's bytes and ETag; hashing them for each of its parts would be what is measured."""
    content = file.read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()[:16]}"'


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    # Python's own is 5: of clients that open more connections at once some would wait a second for the next attempt.
    request_queue_size = 128

    def __init__(self, options):
        super().__init__(("127.0.0.1", 0), Handler)
        self.options = options
        self.folder = pathlib.Path(options.folder)
        self.lock = threading.Lock()
        self.log, self.counts, self.sent = [], {}, 0
        self.line = threading.Lock()

    def count(self, key):
        """How often it was asked before."""
        with self.lock:
            self.counts[key] = self.counts.get(key, 0) + 1
            return self.counts[key] - 1

    def handle_error(self, request, client_address):
        pass  # clients break connections off; that is what is tested


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # header and body are two writes

    def setup(self):
        if isinstance(self.request, ssl.SSLSocket):
            try:
                self.request.do_handshake()
            except ssl.SSLError:
                # Closed at once, with bytes of the client's unread, the connection would be reset, and the alert lost.
                with socket.socket(fileno=self.request.detach()) as plain:
                    plain.shutdown(socket.SHUT_WR)
                    plain.settimeout(2)
                    while plain.recv(65536):
                        pass
                raise
        super().setup()

    def log_message(self, *arguments):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path
        if path == "/log":
            return self.answer(200, "\n".join(self.server.log).encode())
        if path == "/sent":
            return self.answer(200, str(self.server.sent).encode())
        time.sleep(self.server.options.latency)
        note = [f"{self.command} {self.path}"]
        note += [f"{name}={self.headers[name]}" for name in ("Range", "If-None-Match", "Authorization") if name in self.headers]
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            note.append("gzip")
        with self.server.lock:
            self.server.log.append(" ".join(note))
        wanted = self.server.options.user
        if wanted and self.headers.get("Authorization") != "Basic " + base64.b64encode(wanted.encode()).decode():
            return self.answer(401, b"who are you?", {"WWW-Authenticate": 'Basic realm="index"'})
        fault = ""
        if match := re.fullmatch(r"/fault/([^/]+)(/.*)", path):
            fault, path = match.groups()
        if getattr(self, "fault_" + fault.replace("-", "_"), lambda path: False)(path):
            return None
        if match := re.fullmatch(r"/(simple|html)/([^/]+)/", path):
            return self.page(match[1], match[2], fault)
        if path == "/links/":
            return self.answer(200, self.links(sorted(self.server.folder.iterdir()), "").encode(), {"Content-Type": "text/html"})
        if match := re.fullmatch(r"/files/([^/]+)", path):
            return self.file(urllib.parse.unquote(match[1]), fault)
        # As any server has files: enough for git to clone from ("git update-server-info").
        if match := re.fullmatch(r"/tree/(.+)", path):
            file = self.server.folder / urllib.parse.unquote(match[1])
            if file.is_file():
                return self.answer(200, file.read_bytes())
        return self.answer(404, b"nothing here")

    # --- what an index has ------------------------------------------------------------------------------------------

    def links(self, files, fault):
        lines = []
        for file in files:
            hashes = "".join(f"#{algorithm}={digest}" for algorithm, digest in self.hashes(file.read_bytes(), fault).items())
            yanked = ' data-yanked="broken"' if fault == "yanked" else ""
            lines.append(f'<a href="{self.prefix(fault)}/files/{urllib.parse.quote(file.name)}{hashes}"{yanked}'
                         f' data-requires-python="{html.escape(self.python(fault))}">{html.escape(file.name)}</a><br>')
        return "<!DOCTYPE html><html><body>\n" + "\n".join(lines) + "\n</body></html>\n"

    @staticmethod
    def prefix(fault):
        return f"/fault/{fault}" if fault else ""

    @staticmethod
    def hashes(content, fault):
        if fault == "no-hash":
            return {}
        algorithm = "md5" if fault in ("md5", "wrong-md5") else "sha256"
        return {algorithm: hashlib.new(algorithm, content + (b"!" if fault in ("wrong-hash", "wrong-md5") else b"")).hexdigest()}

    @staticmethod
    def python(fault):
        return ">=99" if fault == "newest-python" else ">=3.6"

    def page(self, kind, name, fault):
        files = [file for file in sorted(self.server.folder.iterdir()) if normalize(file.name.split("-")[0]) == name]
        if not files:
            return self.answer(404, b"no such project")
        headers = {"Cache-Control": "max-age=600"} if fault == "fresh" else {}
        if kind == "html" or JSON not in self.headers.get("Accept", ""):
            return self.answer(200, self.links(files, fault).encode(), {"Content-Type": "text/html; charset=utf-8", **headers}, fault)
        rows = [{"filename": file.name, "url": f"{self.prefix(fault)}/files/{urllib.parse.quote(file.name)}",
                 "hashes": self.hashes(file.read_bytes(), fault), "size": file.stat().st_size,
                 "requires-python": self.python(fault), "upload-time": "2024-01-02T03:04:05.000000Z",
                 "yanked": "broken" if fault == "yanked" else False,
                 "core-metadata": self.metadata(file) is not None} for file in files]
        body = {"meta": {"api-version": "1.1"}, "name": name, "versions": [], "files": rows}
        return self.answer(200, json.dumps(body).encode(), {"Content-Type": JSON, **headers}, fault)

    @staticmethod
    def metadata(file):
        """A wheel's METADATA (PEP 658); None where it is no wheel."""
        try:
            with zipfile.ZipFile(file) as wheel:
                return wheel.read(next(name for name in wheel.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)))
        except (zipfile.BadZipFile, StopIteration):
            return None

    def file(self, name, fault):
        if name.endswith(".metadata") and (self.server.folder / name[:-9]).is_file():
            return self.answer(200, self.metadata(self.server.folder / name[:-9]) or b"", {"Content-Type": "text/plain"}, fault)
        file = self.server.folder / name
        if "/" in name or not file.is_file():
            return self.answer(404, b"no such file")
        content, etag = content_of(file, file.stat().st_mtime_ns)
        calls = self.server.count(self.path)
        if fault == "cut-changed" and calls > 0:
            content, etag = content[::-1], '"changed"'
        headers = {"ETag": etag, "Content-Type": "application/octet-stream", "Accept-Ranges": "bytes"}
        if fault == "slow-parts" and "Range" in self.headers and calls > 0:
            time.sleep(3)
        status, body = 200, content
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        fits = fault == "other-etag" or self.headers.get("If-Range", etag) == (etag if fault != "renamed" else "")
        if fault == "renamed" and "If-Range" not in self.headers:
            fits = True
        if fault == "other-etag":
            headers["ETag"] = f'"{calls}"'
        if fault == "no-validator":
            del headers["ETag"]
        if wanted and fits and fault != "no-ranges":
            first = int(wanted[1]) if wanted[1] else max(0, len(content) - int(wanted[2]))
            last = min(int(wanted[2]), len(content) - 1) if wanted[1] and wanted[2] else len(content) - 1
            if first >= len(content):
                return self.answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
            status = 206
            body = content[first:last + 1]
            if fault == "flip":
                body = bytes([body[0] ^ 1]) + body[1:]
            if fault == "short-part":
                last -= 1
                body = body[:-1]
            if fault == "long-part":
                body += b"more"
            shift = 1 if fault in ("wrong-range", "other-part") else 0
            headers["Content-Range"] = f"bytes {first - shift}-{last - shift}/{len(content)}"
        cut = (fault in ("cut", "wrong-range") and calls < 2) or (fault == "cut-changed" and calls < 1) or fault == "cut-always"
        return self.answer(status, body, headers, fault, 1000 if cut else None)

    # --- faults: true where they have answered ----------------------------------------------------------------------

    def fault_500_twice(self, path):
        return self.server.count(self.path) < 2 and self.answer(500, b"oh")

    def fault_429_once(self, path):
        return self.server.count(self.path) < 1 and self.answer(429, b"slowly", {"Retry-After": "1"})

    def fault_503_long(self, path):
        return self.answer(503, b"closed", {"Retry-After": "3600"})

    def fault_502_always(self, path):
        return self.answer(502, b"bad")

    def fault_403(self, path):
        return self.answer(403, b"no")

    def fault_404(self, path):
        return self.answer(404, b"no")

    def fault_loop(self, path):
        return self.answer(302, b"", {"Location": self.path})

    def fault_elsewhere(self, path):
        return self.answer(307, b"", {"Location": self.server.options.other + path})

    def fault_huge_header(self, path):
        return self.answer(200, b"x", {f"X-{i}": "y" * 1000 for i in range(90)})

    def fault_bomb(self, path):
        packed = gzip.compress(b"\0" * (64 << 20), 1)
        return self.answer(200, packed, {"Content-Type": "text/html", "Content-Encoding": "gzip"})

    def fault_drop(self, path):
        if self.server.count(self.path) >= 2:
            return False
        self.close_connection = True
        return True

    def endless(self, block, pause):
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        stop = threading.Event()
        try:
            for _ in range(3600):
                self.wfile.write(block)
                stop.wait(pause)
        except OSError:
            pass
        return True

    def fault_slow(self, path):
        return self.endless(b"x", 1)

    def fault_huge(self, path):
        return self.endless(b"x" * 65536, 0)

    def send_body(self, body):
        if self.command == "HEAD":
            return
        rate = self.server.options.rate
        pieces = [body] if not rate else [body[at:at + 16384] for at in range(0, len(body), 16384)]
        for piece in pieces:
            if "/files/" in self.path:
                with self.server.lock:
                    self.server.sent += len(piece)
            if rate:
                with self.server.line:
                    time.sleep(len(piece) / rate)
            self.wfile.write(piece)

    def answer(self, status, body, headers=None, fault="", send=None):
        headers = dict(headers or {})
        if fault == "gzip" and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body)
            headers["Content-Encoding"] = "gzip"
        if status == 200 and "ETag" not in headers and fault != "no-validator":
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if status == 200 and "ETag" in headers and self.headers.get("If-None-Match") == headers["ETag"]:
            status, body = 304, b""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.send_body(body if send is None else body[:send])
        if send is not None:
            self.close_connection = True
        return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--client-ca")
    parser.add_argument("--user")
    parser.add_argument("--other", default="")
    parser.add_argument("--latency", type=float, default=0)
    parser.add_argument("--rate", type=float, default=0)
    options = parser.parse_args()
    server = Server(options)
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
        if options.client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(options.client_ca)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # Whoever started it holds the other end, and lets go of it however he dies.
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
