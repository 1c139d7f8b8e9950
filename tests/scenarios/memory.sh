#!/usr/bin/env bash
# However large a wheel or a member is, adding it and making an environment takes less than 64 MiB of memory.
. "$(dirname "$0")/lib.sh"
python3 - <<'PYTHON'
import base64, hashlib, os, zipfile

def build(name, size, method, piece):
    info = f"{name}-1.0.dist-info"
    digest = hashlib.sha256()
    with zipfile.ZipFile(f"{name}-1.0-py3-none-any.whl", "w", method, compresslevel=1) as archive:
        with archive.open(zipfile.ZipInfo(f"{name}.bin"), "w", force_zip64=True) if method == zipfile.ZIP_STORED else \
                archive.open(f"{name}.bin", "w", force_zip64=True) as member:
            for _ in range(size >> 20):
                block = piece()
                digest.update(block)
                member.write(block)
        rows = [f"{name}.bin,sha256={base64.urlsafe_b64encode(digest.digest()).rstrip(b'=').decode()},{size}"]
        for path, text in (("METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"),
                           ("WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")):
            data = text.encode()
            hashed = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append(f"{info}/{path},sha256={hashed},{len(data)}")
            archive.writestr(f"{info}/{path}", data)
        archive.writestr(f"{info}/RECORD", "\n".join([*rows, f"{info}/RECORD,,"]) + "\n")

def many(name, paths):
    # As many members as the format's limits allow, each of a few bytes.
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(f"{name}-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        rows = []
        files = [(path, str(i).encode()) for i, path in enumerate(paths)]
        files += [(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode()),
                  (f"{info}/WHEEL", b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")]
        for path, data in files:
            archive.writestr(zipfile.ZipInfo(path), data)
            hashed = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append(f"{path},sha256={hashed},{len(data)}")
        archive.writestr(f"{info}/RECORD", "\n".join([*rows, f"{info}/RECORD,,"]) + "\n")

many("longnames", (f"d/{i:06d}{'x' * 200}/{'y' * 90}" for i in range(18_000)))
many("manynames", (f"m/{i // 1000:03d}/{i:06d}{'z' * 50}" for i in range(50_000)))
many("shortnames", (f"s/{i // 1000:03d}/{i:06d}" for i in range(79_000)))
zeroes = bytes(1 << 20)
build("zeroes", 600 << 20, zipfile.ZIP_DEFLATED, lambda: zeroes)
build("random", 200 << 20, zipfile.ZIP_STORED, lambda: os.urandom(1 << 20))
PYTHON

# peak COMMAND...: its largest resident size, in kB.
peak() {
  python3 - "$@" <<'PYTHON'
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
if status:
    sys.exit(f"status {status} of {sys.argv[1:]}")
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
PYTHON
}

below_limit() {
  local kilobytes
  kilobytes=$(peak "$@")
  printf '%6s kB: %s\n' "$kilobytes" "${*:2}"
  ((kilobytes < 64 * 1024)) || fail "$kilobytes kB: $*"
}

below_limit "$CAS_BIN" --durability none add zeroes-1.0-py3-none-any.whl
below_limit "$CAS_BIN" --durability none add random-1.0-py3-none-any.whl
below_limit "$CAS_BIN" create env --link-mode copy random-1.0-py3-none-any.whl
assert_eq "$(cas store info --json | json object_bytes | cut -c1-3)" 838 "both members are in the store (800 MiB)"
assert_exists env/bin/python
below_limit "$CAS_BIN" verify --contents
CAS_STORE=$PWD/many-store
for name in longnames manynames shortnames; do
  below_limit "$CAS_BIN" --durability none add "$name-1.0-py3-none-any.whl"
  below_limit "$CAS_BIN" --durability none create "env-$name" "$name-1.0-py3-none-any.whl"
done
CAS_STORE=$PWD/together
below_limit "$CAS_BIN" --durability none add longnames-1.0-py3-none-any.whl manynames-1.0-py3-none-any.whl \
  shortnames-1.0-py3-none-any.whl
if (have_wheels bench) >/dev/null; then
  mapfile -t all < <(wheels_of bench | sed "s|^|$CAS_WHEELS/|")
  largest=$(ls -S "${all[@]}" | head -1)
  below_limit "$CAS_BIN" --durability none add "$largest"
  below_limit "$CAS_BIN" --durability none add "${all[@]}"
else
  printf 'not tested: the largest real wheels\n'
fi
